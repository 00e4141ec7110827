/** Writes a call, or a part of it, as a file. */
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderObjects } from '../../ports/objects/folder-objects.ts';
import type { Encoder, FileFormat } from '../../recording/audio/format/format.ts';
import { BYTES_PER_SAMPLE } from '../../recording/audio/pcm.ts';
import { PRIVATE_FILE } from '../files/whole-file.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import { channelsOf, type Mono } from './channels.ts';
import type { AudioSource } from './source.ts';

export interface AudioPart {
  readonly mono?: Mono;
  readonly fromFrame: number;
  readonly toFrame: number;
}

/**
 * The file's bytes, header first; nothing comes before the audio can be read.
 * @throws CliError at the end, when these aren't the samples that the record promises
 */
export async function* fileBytes(
  source: AudioSource,
  part: AudioPart,
  format: FileFormat,
): AsyncGenerator<Uint8Array> {
  const channels = part.mono === undefined ? 2 : 1;
  const encoder = format.encoder({ sampleRate: source.sampleRate, channels });
  const frames = part.toFrame - part.fromFrame;
  const data = encodedBy(encoder, checkedSamples(source, part));
  if (format.headerNeeds === 'content') {
    yield* behindLateHeader(data, () => encoder.header(frames));
    return;
  }
  let isBegun = false;
  for await (const piece of data) {
    if (!isBegun) yield encoder.header(frames);
    isBegun = true;
    yield piece;
  }
}

/** @throws CliError at the end, when there are fewer than the record says, or others */
async function* checkedSamples(source: AudioSource, part: AudioPart): AsyncGenerator<Uint8Array> {
  const { mono, fromFrame, toFrame } = part;
  const whole = mono === undefined && fromFrame === 0 && toFrame === source.frames;
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of channelsOf(source.read(fromFrame, toFrame), mono)) {
    if (whole) hash.update(chunk);
    yield chunk;
    bytes += chunk.length;
  }
  if (bytes !== (toFrame - fromFrame) * (mono === undefined ? 2 : 1) * BYTES_PER_SAMPLE) {
    throw new CliError(EXIT.failed, 'the recording is shorter than its record says', AGAIN);
  }
  if (whole && source.sha256 !== undefined && hash.digest('hex') !== source.sha256) {
    throw new CliError(EXIT.failed, 'these are not the samples that the record promises (SHA-256)', AGAIN);
  }
}

export const AGAIN =
  'if it stays so, the object has been replaced: the bucket keeps its earlier versions for some days';

async function* encodedBy(encoder: Encoder, samples: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of samples) yield* encoder.encode(chunk);
  yield* encoder.finish();
}

const DATA = 'call.data';

/** Writes into a temporary file: a call may be longer than memory. */
async function* behindLateHeader(
  data: AsyncIterable<Uint8Array>,
  header: () => Uint8Array,
): AsyncGenerator<Uint8Array> {
  const dir = await mkdtemp(join(tmpdir(), 'callspool-'));
  try {
    let bytes = 0;
    const file = await open(join(dir, DATA), 'w', PRIVATE_FILE);
    try {
      for await (const piece of data) {
        await file.writeFile(piece);
        bytes += piece.length;
      }
    } finally {
      await file.close();
    }
    yield header();
    yield* new FolderObjects(dir).read(DATA, { from: 0, to: bytes });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
