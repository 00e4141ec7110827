import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Loss, LOSS_KINDS } from '../../../recording/call-record.ts';
import { isMerged, withLoss } from '../../../recording/losses/merging.ts';

const MOST = 20;

function malformed(number: number): Loss {
  const text = number.toString();
  return { kind: 'FRAGMENT_MALFORMED', why: 'bad', firstFragmentNumber: text, lastFragmentNumber: text };
}

function all(losses: readonly Loss[]): readonly Loss[] {
  return losses.reduce<readonly Loss[]>((sum, loss) => withLoss(sum, loss, MOST), []);
}

function covers({ firstFragmentNumber, lastFragmentNumber }: Loss, number: number): boolean {
  const isAfter = firstFragmentNumber === undefined || Number(firstFragmentNumber) <= number;
  return isAfter && (lastFragmentNumber === undefined || number <= Number(lastFragmentNumber));
}

describe('withLoss', () => {
  it('declares every loss, however many there are, in bounded space', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...LOSS_KINDS), fc.nat(1_000), fc.option(fc.nat(50))), {
          maxLength: 100,
        }),
        (given) => {
          const losses = given.map(([kind, first, length]): Loss => ({
            kind,
            why: 'so',
            firstFragmentNumber: first.toString(),
            ...(length !== null && { lastFragmentNumber: (first + length).toString() }),
          }));
          const kept = all(losses);
          expect(kept.length).toBeLessThanOrEqual(MOST);
          for (const { kind, firstFragmentNumber } of losses) {
            const number = Number(firstFragmentNumber);
            expect(kept.some((loss) => loss.kind === kind && covers(loss, number))).toBe(true);
          }
        },
      ),
    );
  });

  it('merges what doesn’t fit into the last one of its kind, and says how many', () => {
    const kept = all(Array.from({ length: 30 }, (_, index) => malformed(index)));
    expect(kept).toHaveLength(MOST - LOSS_KINDS.length);
    expect(kept.at(-1)).toEqual({
      kind: 'FRAGMENT_MALFORMED',
      why: 'this and 19 more like it: bad',
      firstFragmentNumber: '10',
      lastFragmentNumber: '29',
    });
    expect(kept.map(isMerged)).toEqual(kept.map((_, index) => index === kept.length - 1));
  });

  it('keeps room for how the recording ended', () => {
    const many = all(Array.from({ length: 100 }, (_, index) => malformed(index)));
    const ends = (['RECORDER_STOPPED', 'POSITION_LOST', 'CUT_AT_LIMIT', 'START_MISSING'] as const).map(
      (kind): Loss => ({ kind, why: 'as told' }),
    );
    expect(ends.reduce((losses, loss) => withLoss(losses, loss, MOST), many)).toEqual([...many, ...ends]);
  });

  it('does not count one twice that a task declares again', () => {
    const losses = all(Array.from({ length: 30 }, (_, index) => malformed(index)));
    expect(withLoss(losses, malformed(3), MOST)).toBe(losses);
    expect(withLoss(losses, malformed(20), MOST)).toBe(losses);
  });

  it('leaves the end of a merged loss open where one of them is', () => {
    const full = all(Array.from({ length: MOST }, (_, index) => malformed(index)));
    const open: Loss = { kind: 'POSITION_LOST', why: 'forgotten', firstFragmentNumber: '50' };
    const closed: Loss = { ...open, firstFragmentNumber: '40', lastFragmentNumber: '45' };
    const kept = [closed, open].reduce((losses, loss) => withLoss(losses, loss, MOST), full);
    expect(kept.at(-1)).toEqual({
      kind: 'POSITION_LOST',
      why: 'this and 1 more like it: forgotten',
      firstFragmentNumber: '40',
    });
  });
});

describe('a merged loss', () => {
  const why = 'this and 1 more like it: bad';
  const span = (first?: number, last?: number, text = 'bad'): Loss => ({
    kind: 'FRAGMENT_MALFORMED',
    why: text,
    ...(first !== undefined && { firstFragmentNumber: first.toString() }),
    ...(last !== undefined && { lastFragmentNumber: last.toString() }),
  });

  it.each<[string, Loss, Loss, boolean]>([
    ['begins where it does', span(10, 20, why), span(10, 99), true],
    ['lies in it', span(10, 20, why), span(15, 15), true],
    ['ends where it does', span(10, 20, why), span(20, 20), true],
    ['begins before it', span(10, 20, why), span(9, 9), false],
    ['ends behind it', span(10, 20, why), span(20, 21), false],
    ['has no end', span(10, 20, why), span(15), false],
    ['has no beginning', span(1, 20, why), span(undefined, 15), false],
    ['is of another kind', span(10, 20, why), { ...span(15, 15), kind: 'FRAGMENT_CUT' }, false],
    ['lies in one that isn’t merged', span(10, 20), span(15, 15), false],
    ['ends before the end of one without a beginning', span(undefined, 20, why), span(20, 20), true],
    ['ends behind one without a beginning', span(undefined, 20, why), span(21, 21), false],
    ['begins behind one without an end', span(10, undefined, why), span(15, 15), true],
    ['begins before one without an end', span(10, undefined, why), span(9, 9), false],
  ])('tells of one that %s, or not', (_, known, loss, isKnown) => {
    const before = [known];
    expect(withLoss(before, loss, MOST) === before).toBe(isKnown);
  });

  it.each<[Loss, Loss, Loss]>([
    [span(50, 60), span(40, 45), span(40, 60)],
    [span(40, 45), span(50, 60), span(40, 60)],
    [span(40, 60), span(45, 50), span(40, 60)],
    [span(45, 50), span(40, 60), span(40, 60)],
    [span(40), span(45, 50), span(40)],
    [span(45, 50), span(40), span(40)],
    [span(undefined, 60), span(45, 70), span(undefined, 70)],
    [span(45, 70), span(undefined, 60), span(undefined, 70)],
  ])('spans both: %o and %o', (a, b, both) => {
    expect(withLoss([a], b, LOSS_KINDS.length)).toStrictEqual([{ ...both, why }]);
  });

  it('says how many it tells of', () => {
    const four = [span(1, 2), span(5, 6), span(8, 9)];
    const losses = four.reduce<readonly Loss[]>(
      (sum, one) => withLoss(sum, one, LOSS_KINDS.length),
      [span(3, 4)],
    );
    expect(losses).toStrictEqual([span(1, 9, 'this and 3 more like it: bad')]);
  });
});
