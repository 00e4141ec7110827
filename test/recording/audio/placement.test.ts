/** Where the blocks of one fragment belong, at the limits of what its own time and those behind it allow. */
import { describe, expect, it } from 'vitest';
import type { Block, NumberedFragment } from '../../../matroska/fragment.ts';
import { ClockAnchor } from '../../../recording/audio/clock-anchor.ts';
import { Placement } from '../../../recording/audio/placement.ts';
import { TrackLine } from '../../../recording/audio/track-line.ts';
import { fragmentOf } from '../../support/documents.ts';
import { blocksAt, CHANNELS, SAMPLE_RATE } from './blocks.ts';

const BLANK = fragmentOf({});
/** The fragment's own time. */
const OWN_MS = 1_000;

/** A fragment that follows. @param serverMs undefined: as the producer's */
function next(clusterMs: number, blocks: readonly Block[] = [], serverMs = clusterMs): NumberedFragment {
  return { ...BLANK, clusterMs, serverTimestampMs: serverMs, blocks };
}

/** A track that has come so far; without a time it hasn't begun. */
function lineAt(endMs?: number): TrackLine {
  const line = new TrackLine();
  line.end = endMs;
  return line;
}

interface Given {
  readonly blocks: readonly Block[];
  readonly following?: readonly NumberedFragment[];
  readonly clock?: ClockAnchor;
  readonly clusterMs?: number;
  /** Where the tracks have come to, from a frame 0 of time 0. */
  readonly ends?: readonly (number | undefined)[];
}

function placementOf(given: Given): Placement {
  const { blocks, following = [], clock = new ClockAnchor(), clusterMs = OWN_MS, ends = [] } = given;
  const stamps = { clusterMs, serverTimestampMs: OWN_MS };
  const placed = {
    stamps,
    following,
    blocks,
    channels: CHANNELS,
    sampleRate: SAMPLE_RATE,
    endMs: clusterMs + 100,
  };
  const placement = new Placement(placed, clock);
  placement.anchor([lineAt(ends[0]), lineAt(ends[1])], 0);
  return placement;
}

/** A clock that had been 30 s ahead, and was anchored anew. */
const anchored = () =>
  new ClockAnchor({ offsetMs: -30_000, reanchored: 1, leads: [0], expectedMs: undefined, biasMs: 0 });

describe('A block behind a gap', () => {
  const end = (atMs: number, following: readonly NumberedFragment[], wasStray = false) =>
    placementOf({ blocks: blocksAt([atMs]), following }).gapEndMs(0, 0, wasStray);

  it('stands where it says, before the next fragment begins', () => {
    const following = [next(6_000, blocksAt([6_000]))];
    expect([end(5_999, following), end(6_000, following), end(6_001, following)]).toEqual([
      5_999,
      undefined,
      undefined,
    ]);
    expect(end(5_999, following, true)).toBe(5_999);
  });

  it('stands where it says, before its own track goes on there, whatever the other one does', () => {
    const own = [next(6_000, blocksAt([4_000, 4_100, 4_200]))];
    expect([end(3_999, own), end(4_000, own)]).toEqual([3_999, undefined]);
    const other = [next(6_000, blocksAt([4_000, 4_100, 4_200], { track: 2 }))];
    expect([end(5_999, other), end(6_000, other)]).toEqual([5_999, undefined]);
  });

  it('stands before the earliest of those that follow', () => {
    const following = [next(9_000), next(6_000), next(7_000)];
    expect([end(5_999, following), end(6_000, following)]).toEqual([5_999, undefined]);
  });

  it('is told nothing by one that came late, or has a clock that was put back', () => {
    const late = next(2_000, blocksAt([2_000]), 9_000);
    expect(end(5_000, [late])).toBe(5_000);
    expect(end(5_000, [late, next(4_500)])).toBeUndefined();
  });

  it('stands within ten seconds where nothing follows, unless the block before was as far off', () => {
    expect([end(10_999, []), end(11_000, [])]).toEqual([10_999, undefined]);
    expect(end(5_000, [], true)).toBeUndefined();
  });

  it('stands by the corrected clock', () => {
    const given = { blocks: blocksAt([35_000]), clock: anchored(), clusterMs: OWN_MS + 30_000 };
    const follow = (ms: number) => [next(ms, blocksAt([ms]), ms - 30_000)];
    const at = (ms: number) => placementOf({ ...given, following: follow(ms) }).gapEndMs(0, 0, false);
    expect([at(35_001), at(35_000)]).toEqual([5_000, undefined]);
    expect(placementOf({ ...given, following: [] }).gapEndMs(0, 0, false)).toBe(5_000);
  });

  it('of a fragment whose time can’t be right stands nowhere', () => {
    const clock = new ClockAnchor({ offsetMs: 0, reanchored: 0, leads: [0], expectedMs: OWN_MS, biasMs: 0 });
    const placement = placementOf({ blocks: blocksAt([31_000]), clusterMs: 31_000, clock });
    expect(placement.gapEndMs(0, 0, false)).toBeUndefined();
    expect(placement.firstMs(0, 0)).toBe(OWN_MS);
  });
});

describe('A track’s very first block', () => {
  const first = (given: Given, index = 0, channel: 0 | 1 = 0) => placementOf(given).firstMs(index, channel);

  it('stands where it says, or else where its fragment begins', () => {
    const following = [next(2_000)];
    expect(first({ blocks: blocksAt([1_500]), following })).toBe(1_500);
    expect(first({ blocks: blocksAt([2_000]), following })).toBe(OWN_MS);
    expect(first({ blocks: blocksAt([31_500]), clock: anchored(), clusterMs: 31_000 })).toBe(1_500);
  });

  it('makes the recording begin, if it is the earlier one', () => {
    const [left, right] = [blocksAt([1_500]), blocksAt([1_200], { track: 2 })];
    for (const blocks of [
      [...left, ...right],
      [...right, ...left],
    ])
      expect(placementOf({ blocks }).earliestMs()).toBe(1_200);
    expect(placementOf({ blocks: left }).earliestMs()).toBe(1_500);
    expect(placementOf({ blocks: right }).earliestMs()).toBe(1_200);
  });
});

describe('A Cluster’s time that fits nothing', () => {
  /** @returns when the fragment is taken to begin: by the track that goes on, if one does. */
  function begin(own: readonly Block[], ...ends: (number | undefined)[]): number {
    const clock = new ClockAnchor({ offsetMs: 0, reanchored: 0, leads: [], expectedMs: 5_000, biasMs: 0 });
    placementOf({ blocks: own, clock, clusterMs: OWN_MS, ends });
    return clock.beginMs;
  }

  const left = (atMs: number) => blocksAt([atMs, atMs + 100, atMs + 200]);
  const right = (atMs: number) => blocksAt([atMs, atMs + 100, atMs + 200], { track: 2 });

  it('is that of a track that lags where the other one goes on', () => {
    expect(begin([...left(1_000), ...right(5_000)], 900, 5_000)).toBe(5_000);
    expect(begin([...left(1_000), ...right(5_000)], undefined, 5_000)).toBe(5_000);
    expect(begin([...left(5_000), ...right(1_000)], 5_000, undefined)).toBe(5_000);
    expect(begin(right(5_000), undefined, 5_000)).toBe(5_000);
  });

  it('goes by the track that goes on most closely', () => {
    expect(begin([...left(5_300), ...right(5_000)], 5_000, 4_800)).toBe(5_000);
    expect(begin([...left(5_000), ...right(5_300)], 5_100, 5_000)).toBe(5_000);
  });

  it('goes by one that goes on within what times waver', () => {
    expect([begin(left(5_500), 5_000), begin(left(5_501), 5_000)]).toEqual([5_500, OWN_MS]);
    expect([begin(left(4_500), 5_000), begin(left(4_499), 5_000)]).toEqual([4_500, OWN_MS]);
  });
});
