/**
 * What the WAV must be, said once more in the simplest way: every block placed on a plain array, by DESIGN's rule.
 * It shares nothing with the timeline that it judges. No fixed memory, no streaming: calls here are short.
 */
import { createHash } from 'node:crypto';

const CHANNELS = 2;
const JITTER_MS = 32;
const WINDOW_SECONDS = 60;
const CLOCK_JUMP_MS = 5_000;

export interface Piece {
  readonly serverMs: number;
  readonly blocks: readonly { readonly channel: 0 | 1; readonly timeMs: number; readonly pcm: Uint8Array }[];
}

export interface TrueGap {
  readonly channel: number;
  readonly fromFrame: number;
  readonly toFrame: number;
}

export interface TrueAudio {
  readonly frames: number;
  /** Of interleaved S16LE. */
  readonly sha256: string;
  readonly gaps: readonly TrueGap[];
  readonly reanchored: number;
}

/** @param pieces what there is of each fragment, in order of number */
export function trueAudio(pieces: readonly Piece[], sampleRate: number): TrueAudio {
  const tracks: readonly [Track, Track] = [new Track(), new Track()];
  const ends: (number | undefined)[] = [undefined, undefined];
  const gaps: TrueGap[] = [];
  const { times, reanchored } = anchored(pieces, sampleRate);
  const originMs = times.flat().at(0)?.timeMs ?? 0;
  for (const { channel, timeMs, pcm } of times.flat()) {
    const frame = Math.max(0, Math.round(((timeMs - originMs) * sampleRate) / 1000));
    const end = ends[channel];
    const isLater = end === undefined || frame - end > (JITTER_MS * sampleRate) / 1000;
    const edge = Math.max(...tracks.map(({ length }) => length)) - WINDOW_SECONDS * sampleRate;
    const at = Math.max(isLater ? frame : end, edge);
    if (at > (end ?? 0)) gaps.push({ channel, fromFrame: end ?? 0, toFrame: at });
    tracks[channel].put(at, pcm);
    ends[channel] = at + pcm.length / 2;
  }
  return { ...hashed(tracks), gaps, reanchored };
}

/** Each fragment's blocks in order of time, by a clock without jumps. */
function anchored(pieces: readonly Piece[], sampleRate: number) {
  let offsetMs = 0;
  let reanchored = 0;
  let before: { fromMs: number; lengthMs: number; serverMs: number } | undefined;
  const times = pieces.flatMap(({ serverMs, blocks }) => {
    const inOrder = [...blocks].sort((a, b) => a.timeMs - b.timeMs);
    const fromMs = inOrder[0]?.timeMs;
    if (fromMs === undefined) return [];
    const ends = blocks.map(({ timeMs, pcm }) => timeMs + (pcm.length * 1000) / (2 * sampleRate));
    if (before) {
      const stepMs = fromMs - before.fromMs;
      const serverStepMs = serverMs - before.serverMs;
      const fits = Math.abs(stepMs - before.lengthMs) <= CLOCK_JUMP_MS;
      if (!fits && Math.abs(stepMs - serverStepMs) > CLOCK_JUMP_MS) {
        offsetMs += serverStepMs - stepMs;
        reanchored += 1;
      }
    }
    before = { fromMs, lengthMs: Math.max(...ends) - fromMs, serverMs };
    return [inOrder.map((block) => ({ ...block, timeMs: block.timeMs + offsetMs }))];
  });
  return { times, reanchored };
}

/** A track's samples: what was never put is silence. */
class Track {
  samples = new Uint16Array(4_096);
  length = 0;

  put(at: number, pcm: Uint8Array): void {
    const end = at + (pcm.length >> 1);
    if (end > this.samples.length) {
      const larger = new Uint16Array(2 * end);
      larger.set(this.samples);
      this.samples = larger;
    }
    for (let index = 0; index + 1 < pcm.length; index += 2)
      this.samples[at + index / 2] = (pcm[index] ?? 0) | ((pcm[index + 1] ?? 0) << 8);
    this.length = Math.max(this.length, end);
  }
}

function hashed([left, right]: readonly [Track, Track]): { frames: number; sha256: string } {
  const frames = Math.max(left.length, right.length);
  const samples = new Uint16Array(frames * CHANNELS);
  for (let frame = 0; frame < left.length; frame += 1) samples[frame * CHANNELS] = left.samples[frame] ?? 0;
  for (let frame = 0; frame < right.length; frame += 1)
    samples[frame * CHANNELS + 1] = right.samples[frame] ?? 0;
  return { frames, sha256: createHash('sha256').update(new Uint8Array(samples.buffer)).digest('hex') };
}
