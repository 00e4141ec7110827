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
