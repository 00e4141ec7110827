import { describe, expect, it } from 'vitest';
import type { Loss } from '../../../recording/call-record.ts';
import { SoundRuns, suspicionOf } from '../../../recording/tape/sound-runs.ts';

const bounds = (lower: number, upper: number) => ({ lower: BigInt(lower), upper: BigInt(upper) });

/** Objects by what they hold, in order of their first fragment. */
function runsOf(...objects: readonly (readonly number[])[]): SoundRuns {
  const runs = new SoundRuns();
  for (const numbers of objects) runs.add(BigInt(numbers[0] ?? 0), numbers.map(BigInt));
  return runs;
}

describe('a run of fragments in undamaged objects', () => {
  it.each<[string, readonly (readonly number[])[], [number, number], boolean]>([
    ['holds what one object holds', [[1, 2, 3]], [1, 3], true],
    ['holds a single fragment', [[1, 2, 3]], [2, 2], true],
    ['does not hold what goes beyond it', [[1, 2, 3]], [2, 4], false],
    ['does not hold what begins before it', [[2, 3]], [1, 3], false],
    [
      'goes on in an object that shares a fragment with it',
      [
        [1, 2],
        [2, 3],
      ],
      [1, 3],
      true,
    ],
    [
      'goes on in one that lies within it',
      [
        [1, 2, 3, 4],
        [2, 3],
        [4, 5],
      ],
      [1, 5],
      true,
    ],
    [
      'goes on though others lie between',
      [
        [1, 9],
        [2, 3],
        [9, 10],
      ],
      [1, 10],
      true,
    ],
    [
      'joins two that an object meets',
      [
        [1, 5],
        [2, 6],
        [5, 6, 7],
      ],
      [1, 7],
      true,
    ],
    [
      'ends where an object shares nothing with it',
      [
        [1, 2],
        [3, 4],
      ],
      [2, 3],
      false,
    ],
    [
      'is each by itself where two objects lie among each other',
      [
        [1, 3, 5],
        [2, 4, 6],
      ],
      [3, 4],
      false,
    ],
  ])('%s', (_, objects, [lower, upper], expected) => {
    expect(runsOf(...objects).hold(bounds(lower, upper))).toBe(expected);
  });

  it('is kept only while an object to come may meet it', () => {
    const runs = runsOf([1, 2], [3, 4]);
    expect(runs.hold(bounds(3, 4))).toBe(true);
    expect(runs.hold(bounds(1, 2))).toBe(false);
  });

  it('holds nothing where no object does', () => {
    expect(runsOf([]).hold(bounds(0, 0))).toBe(false);
  });
});

describe('what an earlier assembly found damaged', () => {
  const damaged: Loss = {
    kind: 'TAPE_DAMAGED',
    why: 'so',
    firstFragmentNumber: '3',
    lastFragmentNumber: '4',
  };

  it('is looked for between its bounds', () => {
    expect(suspicionOf(damaged)).toEqual([{ loss: damaged, ...bounds(3, 4) }]);
  });

  it.each<[string, Loss]>([
    ['another kind', { ...damaged, kind: 'FRAGMENTS_MISSING' }],
    ['no end', { kind: 'TAPE_DAMAGED', why: 'so', firstFragmentNumber: '3' }],
    ['no beginning', { kind: 'TAPE_DAMAGED', why: 'so', lastFragmentNumber: '4' }],
  ])('is not looked for where it has %s', (_, loss) => {
    expect(suspicionOf(loss)).toEqual([]);
  });
});
