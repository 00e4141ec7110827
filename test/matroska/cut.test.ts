/** A body that ends anywhere: what `finish` makes of it, at every single cut. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLengthOf, documentOf, type Wholeness } from '../../matroska/fragment.ts';
import { ELEMENT, type Element, encode, layout, type Placed } from '../support/matroska.ts';
import { type RandomStream, randomStream } from '../support/matroska-streams.ts';
import { contentOf, readBody } from '../support/read-body.ts';
import { runs } from '../support/runs.ts';
import { sampleDocument, SIZES } from './sample.ts';

interface Cut {
  /** The end of the last complete element. */
  readonly end: number;
  readonly wholeness: Wholeness;
  readonly blockCount: number;
}

/** What there is of a document that was cut at `at`, found from where the writer put things; undefined: nothing. */
function cutOf(placed: readonly Placed[], bytes: Uint8Array, at: number): Cut | undefined {
  const parts = partsOf(placed);
  const taken = parts.filter(({ takenAt }) => takenAt <= at);
  const segment = parts.find(({ id }) => id === ELEMENT.Segment);
  const last = taken.at(-1);
  if (!last || !segment) return undefined;
  const end = last.takenAt;
  const lastCluster = taken.findLast(({ id }) => id === ELEMENT.Cluster);
  const isTagged = taken.some(
    (part) => part.id === ELEMENT.Tags && hasToken(part, bytes) && part.start > (lastCluster?.start ?? 0),
  );
  const unfinished = [lastCluster, taken.includes(segment) ? segment : undefined].some(
    (part) => part && !isUnknown(part, bytes) && end < part.end,
  );
  const isComplete = end === at && end >= segment.takenAt && !unfinished;
  return {
    end,
    wholeness: isTagged ? 'tagged' : isComplete ? 'structural' : 'torn',
    blockCount: taken.filter(({ id }) => id === ELEMENT.SimpleBlock || id === ELEMENT.BlockGroup).length,
  };
}

/** The elements that a reader takes one by one, each with the byte at which it has it: Segment and Cluster are open then. */
function partsOf(placed: readonly Placed[]): (Placed & { takenAt: number })[] {
  let depthTaken = 0;
  return placed.flatMap((one) => {
    if (one.depth > depthTaken) return [];
    const opens = one.id === ELEMENT.Segment || one.id === ELEMENT.Cluster;
    depthTaken = opens ? one.depth + 1 : one.depth;
    return [{ ...one, takenAt: opens ? one.payload : one.end }];
  });
}

function isUnknown({ sizeAt, payload }: Placed, bytes: Uint8Array): boolean {
  const first = bytes[sizeAt] ?? 0;
  const width = payload - sizeAt;
  return first === 2 ** (9 - width) - 1 && bytes.subarray(sizeAt + 1, payload).every((byte) => byte === 0xff);
}

function hasToken({ start, end }: Placed, bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(start, end)).includes('AWS_KINESISVIDEO_CONTINUATION_TOKEN');
}

/** Cuts a body of one document everywhere before the byte with which it is due. */
function checkEveryCut(elements: readonly Element[], bytes: Uint8Array, dueAt: number | undefined): void {
  const placed = layout(elements);
  const whole = readBody(bytes).fragments[0];
  assert.ok(whole);
  const { blocks, ...head } = contentOf(whole);
  const end = dueAt ?? bytes.length + 1;
  const step = Math.ceil(end / runs(end));
  for (let at = 0; at < end; at += step) {
    const { fragments, error } = readBody(bytes.subarray(0, at));
    assert.equal(error, undefined, `cut at ${at}`);
    const cut = cutOf(placed, bytes, at);
    assert.equal(fragments.length, cut ? 1 : 0, `cut at ${at}`);
    const [fragment] = fragments;
    if (!cut || !fragment) continue;
    const content = contentOf(fragment);
    assert.deepEqual(
      { end: byteLengthOf(fragment), wholeness: fragment.wholeness, blockCount: content.blocks.length },
      cut,
      `cut at ${at}`,
    );
    assert.deepEqual(content.blocks, blocks.slice(0, cut.blockCount));
    if (content.blocks.length > 0) assert.equal(content.segmentUid, head.segmentUid);
    const [again] = readBody(documentOf(fragment)).fragments;
    assert.deepEqual(again && contentOf(again), content, `cut at ${at}, read again`);
  }
}

describe('a body cut at every byte', () => {
  it.each(SIZES)('with $name', ({ segment, cluster }) => {
    const elements = sampleDocument({ segment, cluster });
    const bytes = encode(...elements);
    checkEveryCut(elements, bytes, bytes.length);
  });

  it('whatever the document', () => {
    fc.assert(
      fc.property(randomStream(1), ({ elements, bytes, dueAt }: RandomStream) => {
        checkEveryCut(elements, bytes, dueAt[0]);
      }),
      { numRuns: runs(6) },
    );
  });
});

describe('a document that breaks off, with another behind it', () => {
  const next = encode(...sampleDocument({ number: 2n }));
  const [nextAlone] = readBody(next).fragments;

  it.each(SIZES)('with $name', ({ segment, cluster }) => {
    const elements = sampleDocument({ segment, cluster, number: 1n });
    const bytes = encode(...elements);
    const placed = layout(elements);
    const ends = partsOf(placed).map(({ takenAt }) => takenAt);
    for (const at of ends.filter((end) => end < bytes.length)) {
      const { fragments, error } = readBody(Buffer.concat([bytes.subarray(0, at), next]));
      expect(error).toBeUndefined();
      const [broken, whole, ...more] = fragments;
      expect(more).toEqual([]);
      expect(broken?.wholeness).toBe(cutOf(placed, bytes, at)?.wholeness);
      expect(broken && byteLengthOf(broken)).toBe(at);
      expect(whole?.offset).toBe(at);
      expect(whole && contentOf(whole)).toEqual(nextAlone && contentOf(nextAlone));
    }
  });
});
