import { describe, expect, it } from 'vitest';
import type { Block } from '../../../matroska/fragment.ts';
import { arePlain, inOrder } from '../../../recording/audio/block-order.ts';
import { blocksAt, CHANNELS, inTurns, SAMPLE_RATE } from './blocks.ts';

describe('blocks that can be placed as they stand', () => {
  const OWN_MS = 1_000;
  const plain = (blocks: readonly Block[]) => arePlain(blocks, CHANNELS, OWN_MS);

  it('are those of both tracks, each in order of time, however the tracks lie', () => {
    const left = blocksAt([1_000, 1_100, 1_100, 1_200]);
    const right = blocksAt([400, 500, 500, 9_000], { track: 2 });
    for (const blocks of [inTurns(left, right), [...right, ...left], left, right, []])
      expect(plain(blocks)).toBe(true);
  });

  it.each([1, 2])('are not those that go back on track %d', (track) => {
    const other = blocksAt([1_000, 1_100, 1_200], { track: 3 - track });
    expect(plain(inTurns(blocksAt([1_000, 1_200, 1_199], { track }), other))).toBe(false);
  });

  it.each([
    ['there is nothing in one', [blocksAt([1_000]), blocksAt([1_100], { lengthMs: 0 })].flat()],
    ['one ends in the middle of a sample', blocksAt([1_000, 1_100], { lengthMs: 10.5 })],
    ['one is of no track that is known', [blocksAt([1_000]), blocksAt([1_000], { track: 3 })].flat()],
    ['one is further behind the fragment’s time than any can be', blocksAt([1_000, OWN_MS + 60_001])],
  ])('are not those where %s', (_, blocks) => {
    expect(plain(blocks)).toBe(false);
  });

  it('may be as far behind the fragment’s time as a Cluster can have them', () => {
    expect(plain(blocksAt([1_000, OWN_MS + 60_000]))).toBe(true);
  });
});

describe('blocks that can’t be placed as they stand', () => {
  /** @returns their times. @param expectedMs when each track should go on */
  const ordered = (blocks: readonly Block[], ...expectedMs: [number, number?]) =>
    inOrder(blocks, CHANNELS, SAMPLE_RATE, [expectedMs[0], expectedMs[1] ?? 0]).map(({ timeMs }) => timeMs);

  it('come track by track, the one that begins earlier first', () => {
    const [left, right] = [
      [200, 300],
      [150, 250],
    ] as const;
    const both = (a: readonly number[], b: readonly number[]) =>
      inTurns(blocksAt(a), blocksAt(b, { track: 2 }), blocksAt([0], { track: 3 }));
    expect(ordered(both(left, right), 200, 150)).toEqual([150, 250, 200, 300]);
    expect(ordered(both(right, left), 150, 200)).toEqual([150, 250, 200, 300]);
    expect(ordered(both(left, []), 200, 0)).toEqual([200, 300]);
    expect(ordered(both([], right), 0, 150)).toEqual([150, 250]);
    const alike = inOrder(both([100], [100]), CHANNELS, SAMPLE_RATE, [100, 100]);
    expect(alike.map(({ trackNumber }) => trackNumber)).toEqual([1, 2]);
  });

  it('come in order of time, those of one time as they stand', () => {
    expect(ordered(blocksAt([100, 200, 0, 300]), 0)).toEqual([0, 100, 200, 300]);
    const [first, second] = [blocksAt([100], { lengthMs: 0 }), blocksAt([100])];
    for (const blocks of [
      [...first, ...second],
      [...second, ...first],
    ])
      expect(inOrder([...blocks, ...blocksAt([0])], CHANNELS, SAMPLE_RATE, [0, 0]).slice(1)).toEqual(blocks);
  });

  it.each([
    ['one time is far ahead', [0, 100, 5_000, 300, 400], 0],
    ['one time is far behind', [1_000, 1_100, 0, 1_300], 1_000],
    ['the last time is', [1_000, 1_100, 1_200, 0], 1_000],
  ])('stay as they stand where %s', (_, times, expectedMs) => {
    expect(ordered(blocksAt(times), expectedMs)).toEqual(times);
  });

  it('come in order of time where none goes back by more than jitter explains', () => {
    expect(ordered(blocksAt([0, 100, 200, 172]), 0)).toEqual([0, 100, 172, 200]);
    expect(ordered(blocksAt([0, 100, 200, 72]), 0)).toEqual([0, 72, 100, 200]);
    expect(ordered(blocksAt([0, 100, 200, 71]), 0)).toEqual([0, 100, 200, 71]);
  });

  it('come in order of time where so they follow one another better', () => {
    const halves = [500, 600, 700, 0, 100, 200, 300, 400];
    expect(ordered(blocksAt(halves), 0)).toEqual([...halves].sort((a, b) => a - b));
    // The same, where the track has come to the first of them: then the second half is the older one's time.
    expect(ordered(blocksAt([500, 600, 0, 100]), 500)).toEqual([500, 600, 0, 100]);
  });

  it('follow one another within what jitter explains', () => {
    /** Blocks that each come so much late, and one whose time is wrong: it lies between the first two. */
    const late = (ms: number) => [0, 100 + ms, 200 + 2 * ms, 300 + 3 * ms, 120];
    expect(ordered(blocksAt(late(32)), 0)).toEqual(late(32));
    expect(ordered(blocksAt(late(33)), 0)).toEqual(late(33).sort((a, b) => a - b));
  });
});
