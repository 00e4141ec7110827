import { describe, expect, it } from 'vitest';
import { byteLengthOf } from '../../../matroska/fragment.ts';
import { SEGMENT_BYTES_MAX, SegmentCutter } from '../../../task/spool/segment.ts';
import { START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { fragmentOf, ramp, T0 } from '../../support/documents.ts';
import { fragment, SECOND } from './spools.ts';

interface Kept {
  readonly segmentUid: string;
  readonly contactId?: string;
}

/** A segment a fragment, by the SegmentUID that a later task would go on with. @param lastSegmentUid of an earlier task */
function uidsAfter(kept: readonly Kept[], lastSegmentUid?: string): (string | undefined)[] {
  const position = lastSegmentUid === undefined ? undefined : { lastFragmentNumber: 1n, lastSegmentUid };
  const cutter = new SegmentCutter('live', 1_000, position);
  return kept.map((one, index) => {
    const blocks = [{ channel: 0, atMs: T0 + index * 1_000, pcm: ramp(SECOND) } as const];
    const number = START_FRAGMENT_NUMBER + BigInt(index);
    return cutter.add(fragmentOf({ number, blocks, ...one }), T0)?.position.lastSegmentUid;
  });
}

/** As a fragment tells it. */
function uid(name: string): string | undefined {
  return fragmentOf({ segmentUid: name }).segmentUid;
}

describe('A position says by which Segment a fragment without a ContactId would be ours', () => {
  const [ours, odd] = [{ segmentUid: 'a' }, { segmentUid: 'b', contactId: '' }];

  it('that of the last one which has a ContactId', () => {
    expect(uidsAfter([ours, { segmentUid: 'b' }])).toEqual([uid('a'), uid('b')]);
  });

  it('not that of one which was taken since it lies between two of ours', () => {
    expect(uidsAfter([ours, odd, { ...ours, contactId: '' }])).toEqual([uid('a'), uid('a'), uid('a')]);
  });

  it('not that of such a one that follows what an earlier task kept', () => {
    expect(uidsAfter([odd], uid('a'))).toEqual([uid('a')]);
  });

  it('that of the first, though it has none: its number says that it is ours', () => {
    expect(uidsAfter([odd, { ...odd, segmentUid: 'c' }])).toEqual([uid('b'), uid('b')]);
  });
});

describe('A segment', () => {
  it('holds what has come, verbatim, and says where to go on behind it', () => {
    const cutter = new SegmentCutter('live', 10_000);
    const fragments = [fragment(0, SECOND, 9_000), fragment(1, SECOND, 1_500)];
    for (const [index, one] of fragments.entries()) expect(cutter.add(one, T0 + index)).toBeUndefined();
    const segment = cutter.cut();
    expect(segment).toMatchObject({
      source: 'live',
      first: START_FRAGMENT_NUMBER,
      fragments: 2,
      bytes: fragments.reduce((sum, one) => sum + byteLengthOf(one), 0),
      mediaMs: 2_000,
      lastCameAtMs: T0 + 1,
      behindMs: 1_500,
      position: { lastFragmentNumber: START_FRAGMENT_NUMBER + 1n, lastSegmentUid: fragments[1]?.segmentUid },
    });
    const verbatim = Buffer.concat(fragments.flatMap(({ pieces }) => pieces));
    expect(segment && verbatim.equals(segment.content)).toBe(true);
    expect(cutter.cut()).toBeUndefined();
  });

  it('is behind by nothing where the stream doesn’t say', () => {
    expect(new SegmentCutter('archive', 1_000).add(fragment(0), T0)).toMatchObject({
      source: 'archive',
      behindMs: 0,
    });
  });

  it('is full with its media, and the next begins anew', () => {
    const cutter = new SegmentCutter('live', 2_000);
    const full = [0, 1, 2, 3, 4].map((index) => cutter.add(fragment(index), T0)?.first);
    expect(full).toEqual([
      undefined,
      START_FRAGMENT_NUMBER,
      undefined,
      START_FRAGMENT_NUMBER + 2n,
      undefined,
    ]);
  });

  it('is full with 8 MiB, however little of it is audio', () => {
    const cutter = new SegmentCutter('live', Infinity);
    const half = fragment(0, SEGMENT_BYTES_MAX / 4);
    const missing = SEGMENT_BYTES_MAX - byteLengthOf(half);
    const overhead = byteLengthOf(half) - SEGMENT_BYTES_MAX / 2;
    expect(cutter.add(half, T0)).toBeUndefined();
    expect(cutter.add(fragment(1, (missing - overhead) / 2), T0)?.bytes).toBe(8 * 1024 * 1024);
  });

  it('is old after twice its length since it began', () => {
    const cutter = new SegmentCutter('live', 10_000);
    expect(cutter.cutIfOld(T0 + 60_000)).toBeUndefined();
    cutter.add(fragment(0), T0);
    cutter.add(fragment(1), T0 + 15_000);
    expect(cutter.cutIfOld(T0 + 19_999)).toBeUndefined();
    expect(cutter.cutIfOld(T0 + 20_000)?.fragments).toBe(2);
    expect(cutter.cutIfOld(T0 + 60_000)).toBeUndefined();
  });
});
