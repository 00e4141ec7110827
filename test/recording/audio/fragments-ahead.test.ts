import { describe, expect, it } from 'vitest';
import { FragmentsAhead } from '../../../recording/audio/fragments-ahead.ts';
import { Lookahead } from '../../../recording/audio/lookahead.ts';
import type { OwnFragment } from '../../../recording/ownership.ts';
import { START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { fragmentOf, T0 } from '../../support/documents.ts';

describe('things that are judged with what follows them in hand', () => {
  it('are given out once enough follow, and in the end all of them', () => {
    const ahead = new Lookahead<string>(2, 1_000, () => 1);
    const given = ['a', 'b', 'c', 'd'].map((item) => {
      ahead.push(item);
      return [ahead.next(), [...ahead.held].join('')];
    });
    expect(given).toEqual([
      [undefined, 'a'],
      [undefined, 'ab'],
      ['a', 'bc'],
      ['b', 'cd'],
    ]);
    expect([ahead.rest(), ahead.rest(), ahead.rest()]).toEqual(['c', 'd', undefined]);
  });

  it('are given out sooner where they are too large to be held, and only then', () => {
    const ahead = new Lookahead<number>(2, 10, (size) => size);
    const given = [6, 4, 1, 9, 11].map((size) => {
      ahead.push(size);
      const first = ahead.next();
      return [first, ahead.isFull];
    });
    expect(given).toEqual([
      [undefined, false],
      [undefined, false],
      [6, false],
      [4, false],
      [1, true],
    ]);
    expect([ahead.next(), ahead.next(), ahead.next()]).toEqual([9, 11, undefined]);
    expect(ahead.isFull).toBe(false);
  });
});

describe('fragments that don’t tell the sample rate', () => {
  const MEBIBYTE = 1024 * 1024;

  function fragment(index: number, mimeType = '', bytes = 1): OwnFragment {
    const one = fragmentOf({ number: START_FRAGMENT_NUMBER + BigInt(index), clusterMs: T0, mimeType });
    return { ...one, pieces: [new Uint8Array(bytes)] };
  }

  /** @returns how many come until those that are held can be placed. */
  function heldUntilPlaced(next: (index: number) => OwnFragment): number {
    const ahead = new FragmentsAhead();
    for (let index = 0; index < 100; index += 1) if (ahead.push(next(index))) return ahead.held.length;
    return Infinity;
  }

  it.each([
    ['not at all where the first one tells', 0, 1],
    ['until one does', 5, 6],
    ['though it is the sixty-fourth', 63, 64],
    ['and no longer', 99, 64],
  ])('wait for one that does: %s', (_, told, held) => {
    const next = (index: number) => fragment(index, index === told ? 'audio/L16;rate=16000' : '');
    expect(heldUntilPlaced(next)).toBe(held);
  });

  it('don’t wait for longer than there is room', () => {
    expect(heldUntilPlaced((index) => fragment(index, '', 4 * MEBIBYTE))).toBe(5);
    expect(heldUntilPlaced((index) => fragment(index, '', 8 * MEBIBYTE))).toBe(3);
  });

  it('are not told by one that can’t be placed', () => {
    const ahead = new FragmentsAhead();
    expect(ahead.push(fragment(0, 'audio/AAC'))).toBe(false);
    expect(ahead.sampleRate).toBeUndefined();
    expect(ahead.push(fragment(1, 'audio/L16;rate=16000'))).toBe(true);
    expect(ahead.sampleRate).toBe(16_000);
  });

  it('don’t wait where the rate was settled without them; what was told first stands', () => {
    const settled = new FragmentsAhead();
    settled.settleRate(11_025);
    expect([settled.push(fragment(0)), settled.sampleRate]).toEqual([true, 11_025]);
    const known = new FragmentsAhead(16_000);
    known.settleRate(8_000);
    expect([known.push(fragment(0)), known.sampleRate]).toEqual([true, 16_000]);
  });

  it('are judged with the four that follow', () => {
    const ahead = new FragmentsAhead(8_000);
    const numbers = Array.from({ length: 6 }, (_, index) => {
      ahead.push(fragment(index));
      const next = ahead.next()?.number;
      return next === undefined ? undefined : [Number(next - START_FRAGMENT_NUMBER), ahead.held.length];
    });
    expect(numbers).toEqual([undefined, undefined, undefined, undefined, [0, 4], [1, 4]]);
  });
});
