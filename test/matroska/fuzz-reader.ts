/**
 * Reads damaged bodies, as a program of its own, so that one that hangs or swallows memory can be ended from outside.
 * The environment says which: FUZZ_SEED, FUZZ_FROM (first input), FUZZ_RUNS. The number of the input at hand goes out
 * before each batch; the first input that is read wrongly ends the program with an error that names it.
 */
import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import fc from 'fast-check';
import { GATHERED_BELOW_BYTES } from '../../matroska/byte-queue.ts';
import { MalformedError } from '../../matroska/errors.ts';
import { documentOf, type Fragment } from '../../matroska/fragment.ts';
import { FragmentReader } from '../../matroska/reader.ts';
import { randomStream } from '../support/matroska-streams.ts';
import { mutate, type Specimen } from '../support/mutations.ts';
import { type Random, seeded } from '../support/random.ts';
import { contentOf, readBody, type Reading } from '../support/read-body.ts';

const SPECIMENS = 80;
const BATCH = 50;
/** Far above what any input needs, even on a busy machine. */
const INPUT_MS_MAX = 5_000;

const seed = integer('FUZZ_SEED');
const from = integer('FUZZ_FROM');
const runs = integer('FUZZ_RUNS');
const specimens = fc.sample(randomStream(3), { seed, numRuns: SPECIMENS });

const outcomes = { whole: 0, malformed: 0, fragments: 0 };
for (let index = from; index < from + runs; index += 1) {
  if ((index - from) % BATCH === 0) writeSync(1, `${index}\n`);
  try {
    fuzz(index);
  } catch (error) {
    writeSync(
      2,
      `input ${index} of seed ${seed}: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`,
    );
    process.exit(1);
  }
}
writeSync(1, `${JSON.stringify({ ...outcomes, maxRssKib: process.resourceUsage().maxRSS })}\n`);

function fuzz(index: number): void {
  const random = seeded(Math.imul(seed, 0x9e3779b1) + index);
  const body = mutate(pickSpecimen(random), pickSpecimen(random), random);
  const started = performance.now();

  const reading = readBody(body);
  const chunked = readBody(body, [1 + random.integer(0, 3), random.integer(1, 300)], {
    gatheredBelowBytes: random.pick([GATHERED_BELOW_BYTES, 0, 50]),
  });
  assert.deepEqual(told(chunked), told(reading), 'the chunks made a difference');
  checkFragments(body, reading.fragments);
  checkError(body, reading.error);
  checkReplay(reading.fragments);

  assert.ok(performance.now() - started < INPUT_MS_MAX, `took longer than ${INPUT_MS_MAX} ms`);
  outcomes.fragments += reading.fragments.length;
  if (reading.error) outcomes.malformed += 1;
  else outcomes.whole += 1;
}

function pickSpecimen(random: Random): Specimen {
  const [first, ...rest] = specimens;
  assert.ok(first);
  return random.pick([first, ...rest]);
}

function told({ fragments, error }: Reading) {
  return {
    fragments: fragments.map((fragment) => ({
      ...contentOf(fragment),
      offset: fragment.offset,
      wholeness: fragment.wholeness,
    })),
    error: error && [error.message, error.offset, error.fragmentNumber],
  };
}

/** In order, verbatim, their blocks inside them, and small enough to keep. */
function checkFragments(body: Uint8Array, fragments: readonly Fragment[]): void {
  let end = 0;
  for (const fragment of fragments) {
    const { offset, blocks, wholeness } = fragment;
    const bytes = documentOf(fragment);
    assert.ok(offset >= end, 'fragments overlap');
    end = offset + bytes.length;
    assert.ok(Buffer.from(bytes).equals(body.subarray(offset, end)), 'a fragment is not verbatim');
    assert.ok(['tagged', 'structural', 'torn'].includes(wholeness));
    let blockEnd = 0;
    for (const block of blocks) {
      const start = Buffer.from(bytes).indexOf(block.audio, blockEnd);
      assert.ok(start >= 0, 'a block is outside');
      assert.ok(Number.isFinite(block.timeMs) && Number.isSafeInteger(block.trackNumber));
      blockEnd = start + block.audio.length;
    }
  }
}

/** A typed error, at a byte of the body, that stays. */
function checkError(body: Uint8Array, error: MalformedError | undefined): void {
  if (!error) return;
  assert.ok(
    Number.isInteger(error.offset) && error.offset >= 0 && error.offset < body.length,
    'a bad offset',
  );
  const reader = new FragmentReader();
  reader.push(body);
  const failure = { name: 'MalformedError', offset: error.offset };
  assert.throws(() => {
    while (reader.next());
    reader.finish();
  }, failure);
  assert.throws(() => reader.next(), failure);
  assert.throws(() => reader.finish(), failure);
}

/** What was handed on is a body itself, and says the same. */
function checkReplay(fragments: readonly Fragment[]): void {
  const replayed = readBody(Buffer.concat(fragments.flatMap(({ pieces }) => pieces)));
  assert.equal(replayed.error, undefined, 'the fragments are no body');
  assert.deepEqual(
    replayed.fragments.map(contentOf),
    fragments.map(contentOf),
    'the fragments say something else',
  );
}

function integer(name: string): number {
  const value = Number(process.env[name]);
  assert.ok(Number.isSafeInteger(value), `${name} must be an integer`);
  return value;
}
