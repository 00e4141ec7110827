/**
 * The `ebml` package (3.0.0) as a decoder that isn't ours: the same blocks and tags from the same bytes. It misreads
 * integers of 8 bytes from 65,536 on, so track numbers in 8 bytes stay below that here.
 */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fragment } from '../../matroska/fragment.ts';
import type { DecodedDocument } from '../support/ebml-decoder.ts';
import { ELEMENT, encode, leaf, master, tags, text } from '../support/matroska.ts';
import { type RandomStream, randomStream } from '../support/matroska-streams.ts';
import { readBody } from '../support/read-body.ts';

const PROGRAM = fileURLToPath(new URL('../support/ebml-decoder.ts', import.meta.url));

let decoder: ChildProcessWithoutNullStreams;
let answers: AsyncIterator<string>;

beforeAll(() => {
  decoder = spawn(process.execPath, ['--import', 'tsx', PROGRAM]);
  decoder.stderr.pipe(process.stderr);
  answers = createInterface(decoder.stdout)[Symbol.asyncIterator]();
});

afterAll(async () => {
  decoder.stdin.end();
  if (decoder.exitCode === null) await once(decoder, 'exit');
});

it('reads the same blocks and tags', async () => {
  let blocks = 0;
  await fc.assert(
    fc.asyncProperty(randomStream().filter(canDecode), async ({ bytes, expected }) => {
      const decoded = await decode(bytes);
      const { fragments } = readBody(bytes);
      assert.deepEqual(
        fragments.map(({ blocks }) => blocks.length),
        expected.map(({ blocks }) => blocks.length),
      );
      assert.deepEqual(fragments.map(blocksOf), decoded.map(decodedBlocks));
      assert.deepEqual(
        fragments.map(({ tags }) => [...tags]),
        decoded.map(({ tags }) => [...new Map(tags)]),
      );
      blocks += fragments.reduce((sum, fragment) => sum + fragment.blocks.length, 0);
    }),
    { numRuns: 200 },
  );
  assert.ok(blocks > 500, `only ${blocks} blocks were compared`);
});

it.each(['\u2028', '\u2029', '\n', '\r'])(
  'reads the same tag, with the separator of lines %j in it',
  async (separator) => {
    const pairs = [['name', `one${separator}two`]] as const;
    const bytes = encode(
      master(ELEMENT.EBML, leaf(ELEMENT.DocType, text('matroska'))),
      master(ELEMENT.Segment, tags(pairs)),
    );
    expect(await decode(bytes)).toEqual([{ tags: pairs, blocks: [] }]);
  },
);

async function decode(body: Uint8Array): Promise<DecodedDocument[]> {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  decoder.stdin.write(Buffer.concat([length, body]));
  const answer = await answers.next();
  if (answer.done === true) throw new Error('the decoder has ended; see its output above');
  return JSON.parse(answer.value) as DecodedDocument[];
}

function canDecode({ documents }: RandomStream): boolean {
  const blocks = documents.flatMap(({ clusters }) => clusters.flatMap((cluster) => cluster.blocks));
  return blocks.every(({ track, trackWidth }) => trackWidth < 8 || track < 65_536);
}

function blocksOf({ blocks }: Fragment) {
  return blocks.map(({ trackNumber, timeMs, audio }) => [
    trackNumber,
    timeMs,
    Buffer.from(audio).toString('base64'),
  ]);
}

function decodedBlocks({ blocks }: DecodedDocument) {
  return blocks.map(([track, timeNs, audio]) => [track, Number(`${timeNs}e-6`), audio]);
}
