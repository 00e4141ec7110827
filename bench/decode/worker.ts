/**
 * Decodes a GetMedia body into per-track samples with one decoder, in a process of its own.
 *
 * worker.mjs DECODER CHUNK_BYTES FILE BYTES RUNS: the body (the file's first BYTES) is in memory; only decoding is
 * timed, after once in which it isn't. Prints JSON: CPU seconds of each run, and a digest of each track.
 * worker.mjs DECODER CHUNK_BYTES FILE stream TIMES: the file is read, TIMES times over, as a body that never ends.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Decode } from './decoders.ts';
import { DECODERS } from './decoders.ts';
import { Tracks } from './tracks.ts';

const [name = '', chunkText = '', file = '', mode = '', timesText = '1'] = process.argv.slice(2);
const chunkBytes = Number(chunkText);
const load = DECODERS[name];
if (load === undefined) throw new Error(`no decoder ${name}`);
const decode: Decode = await load();

function* inMemory(body: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < body.length; at += chunkBytes)
    yield Buffer.from(body.buffer, body.byteOffset + at, Math.min(chunkBytes, body.length - at));
}

function* fromFile(times: number): Generator<Buffer> {
  for (let time = 0; time < times; time += 1) {
    const descriptor = openSync(file, 'r');
    try {
      for (;;) {
        // Memory of its own, as a chunk from a connection has.
        const chunk = Buffer.allocUnsafeSlow(chunkBytes);
        const bytes = readSync(descriptor, chunk);
        if (bytes === 0) break;
        yield chunk.subarray(0, bytes);
      }
    } finally {
      closeSync(descriptor);
    }
  }
}

async function timed(): Promise<unknown> {
  const body = readFileSync(file).subarray(0, Number(mode));
  const check = new Tracks(() => createHash('sha256'));
  await decode(inMemory(body), check);
  const seconds: number[] = [];
  for (let run = 0; run < Number(timesText); run += 1) {
    const tracks = new Tracks();
    const before = process.cpuUsage();
    await decode(inMemory(body), tracks);
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
  }
  return { seconds, digests: check.digests() };
}

async function streamed(): Promise<unknown> {
  const tracks = new Tracks();
  await decode(fromFile(Number(timesText)), tracks);
  return { bytes: tracks.bytes };
}

console.log(JSON.stringify(await (mode === 'stream' ? streamed() : timed())));
