/**
 * Random valid streams: what the writer put in, the reader gets out, however the bytes come. (Node's `assert` compares
 * thousands of blocks many times faster than `expect`.)
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { GATHERED_BELOW_BYTES } from '../../matroska/byte-queue.ts';
import type { Fragment } from '../../matroska/fragment.ts';
import { type ExpectedFragment, randomStream } from '../support/matroska-streams.ts';
import { contentOf, readBody } from '../support/read-body.ts';
import { runs } from '../support/runs.ts';

const chunkings = fc.oneof(
  fc.constant([1]),
  fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
  fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 4 }),
);

/** Chunks that are copied, that are kept, and both in turn. */
const gatherings = fc.constantFrom(0, 40, 500, GATHERED_BELOW_BYTES);

describe('any valid stream', () => {
  it('is read as it was written, and handed on verbatim', () => {
    fc.assert(
      fc.property(randomStream(), ({ bytes, expected }) => {
        const { fragments, error } = readBody(bytes);
        assert.equal(error, undefined);
        assert.deepEqual(fragments.map(describeFragment), expected.map(describeExpected));
      }),
      { numRuns: runs(400) },
    );
  });

  it('gives the same fragments whatever the chunks', () => {
    fc.assert(
      fc.property(
        randomStream(),
        chunkings,
        gatherings,
        ({ bytes, expected }, chunkBytes, gatheredBelowBytes) => {
          const { fragments, error } = readBody(bytes, chunkBytes, { gatheredBelowBytes });
          assert.equal(error, undefined);
          assert.deepEqual(fragments.map(describeFragment), expected.map(describeExpected));
        },
      ),
      { numRuns: runs(400) },
    );
  });

  it('gives each fragment with the very byte that makes it whole', () => {
    fc.assert(
      fc.property(randomStream(), ({ bytes, dueAt }) => {
        const { cameAt } = readBody(bytes, [1]);
        assert.deepEqual(cameAt, dueAt);
      }),
      { numRuns: runs(200) },
    );
  });

  it('replays: the fragments, joined, are a body of the same fragments', () => {
    fc.assert(
      fc.property(randomStream(), ({ bytes }) => {
        const { fragments } = readBody(bytes);
        const replayed = readBody(Buffer.concat(fragments.flatMap(({ pieces }) => pieces)));
        assert.equal(replayed.error, undefined);
        assert.deepEqual(replayed.fragments.map(told), fragments.map(told));
      }),
      { numRuns: runs(200) },
    );
  });
});

function told(fragment: Fragment) {
  return { ...contentOf(fragment), wholeness: fragment.wholeness };
}

function describeFragment(fragment: Fragment) {
  const { error, ...content } = contentOf(fragment);
  return {
    ...content,
    offset: fragment.offset,
    bytes: Buffer.concat(fragment.pieces),
    wholeness: fragment.wholeness,
    failed: error !== undefined,
  };
}

function describeExpected({ bytes, ...content }: ExpectedFragment) {
  return { ...content, bytes: Buffer.from(bytes) };
}
