import { describe, expect, it } from 'vitest';
import type { Block } from '../../../matroska/fragment.ts';
import { agreedTime, beginOfTrack, firstTime } from '../../../recording/audio/block-claims.ts';
import { blocksAt, CHANNELS, inTurns, SAMPLE_RATE } from './blocks.ts';

/** A track's blocks that follow one another, each of 100 ms. */
const inLine = (fromMs: number, count: number) =>
  blocksAt(Array.from({ length: count }, (_, at) => fromMs + at * 100));

describe('the time of a block', () => {
  const agreed = (blocks: readonly Block[], index = 0) => agreedTime(blocks, index, CHANNELS, 0, SAMPLE_RATE);

  it.each([
    ['its own, where those behind it agree', [1_000, 1_100, 1_200, 1_300, 1_400], 1_000],
    ['its own within what jitter explains', [1_128, 1_100, 1_200, 1_300, 1_400], 1_128],
    ['theirs, where it is later than jitter explains', [1_129, 1_100, 1_200, 1_300, 1_400], 1_000],
    ['its own, where it is earlier', [0, 1_100, 1_200, 1_300, 1_400], 0],
    ['theirs, though the next one is as wrong', [9_000, 9_100, 1_200, 1_300, 1_400], 1_000],
    ['its own, where three of five agree with it', [9_000, 9_100, 1_200, 9_300, 1_400], 9_000],
    ['what the first five say', [9_000, 9_100, 9_200, 1_300, 1_400, 1_500, 1_600, 1_700], 9_000],
    ['the earlier one of two', [9_000, 1_100], 1_000],
    ['its own, where none follows', [9_000], 9_000],
  ])('is %s', (_, times, expected) => {
    expect(agreed(blocksAt(times))).toBe(expected);
  });

  it('is told by how long the blocks between are', () => {
    const blocks = [
      ...blocksAt([9_000], { lengthMs: 500 }),
      ...blocksAt([1_500], { lengthMs: 20 }),
      ...blocksAt([1_520, 1_620]),
    ];
    expect(agreed(blocks)).toBe(1_000);
  });

  it('is told by those behind it, of its own track', () => {
    const other = blocksAt([5_000, 5_100, 5_200, 5_300, 5_400], { track: 2 });
    const nobodys = blocksAt([7_000, 7_100], { track: 3 });
    const own = blocksAt([300, 9_000, 1_100, 1_200, 1_300]);
    const blocks = inTurns(own, other, nobodys);
    const index = blocks.findIndex(({ timeMs }) => timeMs === 9_000);
    expect(agreed(blocks, index)).toBe(1_000);
    expect(agreedTime(blocks, 1, CHANNELS, 1, SAMPLE_RATE)).toBe(5_000);
  });
});

describe('the time of a track’s very first block', () => {
  /** @param ownMs its fragment's. */
  const first = (times: readonly number[], ownMs: number) =>
    firstTime(blocksAt(times), 0, CHANNELS, 0, SAMPLE_RATE, ownMs);

  it.each([
    ['its own, before its fragment’s, where the others agree', [500, 600, 700, 800, 900], 1_000, 500],
    ['theirs, where it comes before them and before its fragment', [500, 1_100, 1_200, 1_300], 1_000, 1_000],
    [
      'its own, where it comes before them, but not before its fragment',
      [500, 1_100, 1_200, 1_300],
      628,
      500,
    ],
    ['theirs from there on', [500, 1_100, 1_200, 1_300], 629, 1_000],
    ['its own, where it comes before them by what jitter explains', [872, 1_100, 1_200, 1_300], 5_000, 872],
    ['theirs, by more than that', [871, 1_100, 1_200, 1_300], 5_000, 1_000],
    ['theirs, where it comes behind them', [9_000, 1_100, 1_200, 1_300], 1_000, 1_000],
    ['its own, where none follows', [0], 1_000, 0],
  ])('is %s', (_, times, ownMs, expected) => {
    expect(first(times, ownMs)).toBe(expected);
  });
});

describe('when a fragment’s part of a track begins', () => {
  const begin = (blocks: readonly Block[], channel: 0 | 1 = 0) =>
    beginOfTrack(blocks, CHANNELS, channel, SAMPLE_RATE);

  it('is what two of its first three blocks say', () => {
    expect(begin(inLine(1_000, 8))).toBe(1_000);
    expect(begin(blocksAt([9_000, 1_100, 1_200, 4_000, 4_100]))).toBe(1_000);
    expect(begin(blocksAt([0, 1_100, 1_200, 300, 400]))).toBe(1_000);
    expect(begin(blocksAt([9_000, 9_100, 1_200, 1_300, 1_400]))).toBe(9_000);
    expect(begin(inTurns(blocksAt([7_000, 7_100], { track: 2 }), inLine(1_000, 3)))).toBe(1_000);
  });

  it('is not known of a track that has none there', () => {
    expect(begin(inLine(1_000, 3), 1)).toBeUndefined();
    expect(begin([])).toBeUndefined();
  });
});
