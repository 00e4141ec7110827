import { describe, expect, it } from 'vitest';
import { SegmentCutter } from '../../../task/spool/segment.ts';
import { START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { fragmentOf, ramp, T0 } from '../../support/documents.ts';

const SECOND = 8_000;

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
    expect(uidsAfter([odd])).toEqual([uid('b')]);
  });
});
