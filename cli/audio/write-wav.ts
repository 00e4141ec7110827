/** Writes a call, or a part of it, as a WAV. */
import { createHash } from 'node:crypto';
import { wavHeader } from '../../recording/audio/wav.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import { channelsOf, type Mono } from './channels.ts';
import type { AudioSource } from './source.ts';

export interface WavPart {
  readonly mono?: Mono;
  readonly fromFrame: number;
  readonly toFrame: number;
}

/**
 * The file's bytes, header first; nothing comes before the audio can be read.
 * @throws CliError at the end, when these aren't the samples that the record promises
 */
export async function* wavBytes(source: AudioSource, part: WavPart): AsyncGenerator<Uint8Array> {
  const { mono, fromFrame, toFrame } = part;
  const whole = mono === undefined && fromFrame === 0 && toFrame === source.frames;
  const hash = createHash('sha256');
  const header = wavHeader(source.sampleRate, toFrame - fromFrame, mono === undefined ? 2 : 1);
  let bytes = 0;
  for await (const chunk of channelsOf(source.read(fromFrame, toFrame), mono)) {
    if (bytes === 0) yield header;
    if (whole) hash.update(chunk);
    yield chunk;
    bytes += chunk.length;
  }
  if (bytes !== (toFrame - fromFrame) * (mono === undefined ? 4 : 2)) {
    throw new CliError(EXIT.failed, 'the recording is shorter than its record says', AGAIN);
  }
  if (whole && source.sha256 !== undefined && hash.digest('hex') !== source.sha256) {
    throw new CliError(EXIT.failed, 'these are not the samples that the record promises (SHA-256)', AGAIN);
  }
}

const AGAIN =
  'if it stays so, the object has been replaced: the bucket keeps its earlier versions for some days';
