/** What a waveform is drawn of: the lowest and the highest sample of each short stretch, for either side. */
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';

/** More than a screen's width tells nothing more. */
export const BUCKETS_MAX = 1_600;
/** Samples are kept as their high byte: a picture needs no more. */
const SHIFT = 8;

export interface Lane {
  readonly min: Int8Array;
  readonly max: Int8Array;
}

export interface Peaks {
  readonly sampleRate: number;
  readonly frames: number;
  readonly framesPerBucket: number;
  /** The customer's, the agent's. */
  readonly lanes: readonly [Lane, Lane];
}

/**
 * @param stereo interleaved S16LE; chunks may end anywhere
 * @param frames how many there are; fewer may come
 */
export async function peaksOf(
  stereo: AsyncIterable<Uint8Array>,
  frames: number,
  sampleRate: number,
): Promise<Peaks> {
  const framesPerBucket = Math.max(1, Math.ceil(frames / BUCKETS_MAX));
  const buckets = Math.ceil(frames / framesPerBucket);
  const lanes: [Lane, Lane] = [newLane(buckets), newLane(buckets)];
  let frame = 0;
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of stereo) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (; at + BYTES_PER_FRAME <= bytes.length; at += BYTES_PER_FRAME) {
      const bucket = Math.floor(frame / framesPerBucket);
      widen(lanes[0], bucket, view.getInt16(at, true) >> SHIFT);
      widen(lanes[1], bucket, view.getInt16(at + 2, true) >> SHIFT);
      frame += 1;
    }
    // A copy: the chunk may be used again by whoever gave it.
    rest = bytes.slice(at);
  }
  return { sampleRate, frames, framesPerBucket, lanes };
}

function newLane(buckets: number): Lane {
  return { min: new Int8Array(buckets), max: new Int8Array(buckets) };
}

function widen({ min, max }: Lane, bucket: number, value: number): void {
  if (value < (min[bucket] ?? 0)) min[bucket] = value;
  if (value > (max[bucket] ?? 0)) max[bucket] = value;
}
