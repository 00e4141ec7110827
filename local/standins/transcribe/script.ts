/**
 * Words of the sample call, whose script is known (local/sample/make-call.sh), placed by where it is loud. What is heard
 * of it is found in the sample by its bytes; of other audio, a line of the script is said, always the same one of the
 * same audio.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel } from '../../../recording/audio/pcm.ts';
import { type HeardWord, loudRuns, type WordsOf } from './hearing.ts';

const SAMPLE = join(import.meta.dirname, '../../sample');
const LINE = /^(agent|customer) [\d.]+ "(.+)"$/gm;
const WAV_HEADER_BYTES = 44;
/** Lines of one side are further apart than words are. */
const BETWEEN_LINES_MS = 700;
/** So much of what is heard is looked for in the sample. */
const LOOKED_FOR_FRAMES = 800;

interface Side {
  readonly pcm: Buffer;
  readonly words: readonly HeardWord[];
}

export function scriptWords(): WordsOf {
  const script = readFileSync(join(SAMPLE, 'make-call.sh'), 'utf8');
  const wav = readFileSync(join(SAMPLE, 'call.wav')).subarray(WAV_HEADER_BYTES);
  const linesOf = (who: string) =>
    [...script.matchAll(LINE)].flatMap(([, by, text = '']) => (by === who ? [text] : []));
  const lines = [linesOf('customer'), linesOf('agent')] as const;
  const sides = [sideOf(wav, 0, lines[0]), sideOf(wav, 1, lines[1])] as const;
  return (samples, channel, sampleRate) => {
    const at = sampleRate === SAMPLE_RATE ? placeIn(sides[channel].pcm, samples) : undefined;
    if (at === undefined) return spread(lineFor(samples, lines[channel]), 0, samples.length);
    return sides[channel].words.flatMap((word) => {
      const startFrame = word.startFrame - at;
      const endFrame = word.endFrame - at;
      const middle = (startFrame + endFrame) / 2;
      if (middle < 0 || middle >= samples.length) return [];
      return [{ ...word, startFrame: Math.max(0, startFrame), endFrame: Math.min(endFrame, samples.length) }];
    });
  };
}

const SAMPLE_RATE = 8_000;

function sideOf(wav: Buffer, channel: Channel, lines: readonly string[]): Side {
  const samples = new Int16Array(wav.length / 4);
  for (const frame of samples.keys()) samples[frame] = wav.readInt16LE(frame * 4 + channel * 2);
  const runs = loudRuns(samples, SAMPLE_RATE, BETWEEN_LINES_MS);
  const words = runs.flatMap(([start, end], index) => spread(lines[index] ?? '', start, end));
  return { pcm: bytesOf(samples), words };
}

/** A line’s words, each as long as its letters, over a span. */
function spread(line: string, startFrame: number, endFrame: number): HeardWord[] {
  const words = line.split(' ').filter(Boolean);
  const letters = words.reduce((sum, word) => sum + word.length, 0);
  let before = 0;
  return words.map((text) => {
    const frame = (at: number) => Math.round(startFrame + ((endFrame - startFrame) * at) / letters);
    const word = { text, startFrame: frame(before), endFrame: frame(before + text.length) };
    before += text.length;
    return word;
  });
}

/** @returns the frame of the sample with which the samples begin; undefined where they aren’t of it */
function placeIn(pcm: Buffer, samples: Int16Array): number | undefined {
  for (const from of [0, Math.floor(samples.length / 2)]) {
    const part = samples.subarray(from, from + LOOKED_FOR_FRAMES);
    if (part.length < LOOKED_FOR_FRAMES) continue;
    const at = pcm.indexOf(bytesOf(part));
    if (at >= 0 && at % 2 === 0) return at / 2 - from;
  }
  return undefined;
}

function lineFor(samples: Int16Array, lines: readonly string[]): string {
  const digest = createHash('sha256')
    .update(bytesOf(samples.subarray(0, LOOKED_FOR_FRAMES)))
    .digest();
  return lines[digest.readUInt32BE(0) % lines.length] ?? '';
}

function bytesOf(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}
