/**
 * The part of the stereo audio that may still change, in fixed memory. Samples are placed on either channel;
 * what lies further than the window behind the furthest sample is settled and goes out. What was never placed is
 * silence.
 */
import { interleave } from './interleave.ts';
import { BYTES_PER_SAMPLE, type Channel } from './pcm.ts';

export const CHANNELS = 2;
export const BYTES_PER_FRAME = CHANNELS * BYTES_PER_SAMPLE;

/** How much more than the window is held, so that the buffer is moved once in a while and not for each block. */
const SLACK_SECONDS = 60;
/** A piece of audio or of silence that goes out at a time. */
const CHUNK_BYTES = 256 * 1024;
const CHUNK_FRAMES = CHUNK_BYTES / BYTES_PER_FRAME;

/** One channel's part of the window: S16LE. */
class Mono {
  readonly bytes: Uint8Array;
  readonly samples: Uint16Array;
  /** The same, two samples at a time; one at the end may be left over. */
  readonly pairs: Int32Array;

  constructor(frames: number) {
    this.bytes = new Uint8Array(Math.ceil(frames / 2) * 2 * BYTES_PER_SAMPLE);
    this.samples = new Uint16Array(this.bytes.buffer);
    this.pairs = new Int32Array(this.bytes.buffer);
  }

  /** Gives up the first frames; behind those that are kept comes silence. */
  shift(given: number, kept: number): void {
    this.samples.copyWithin(0, given, given + kept);
    this.samples.fill(0, kept);
  }
}

export class StereoWindow {
  readonly #windowFrames: number;
  readonly #heldFrames: number;
  readonly #pieceBytes: number;
  readonly #left: Mono;
  readonly #right: Mono;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  readonly #frames = new Int32Array(this.#chunk.buffer);
  /** The frame that the window begins with: all before it has gone out. */
  #base = 0;
  /** One past the last frame that a sample was placed on. */
  #furthest = 0;

  constructor(sampleRate: number, windowSeconds: number) {
    this.#windowFrames = sampleRate * windowSeconds;
    this.#heldFrames = this.#windowFrames + sampleRate * SLACK_SECONDS;
    this.#pieceBytes = (sampleRate * SLACK_SECONDS * BYTES_PER_SAMPLE) / 2;
    this.#left = new Mono(this.#heldFrames);
    this.#right = new Mono(this.#heldFrames);
  }

  /** One past the last frame that a sample was placed on. */
  get furthest(): number {
    return this.#furthest;
  }

  /** The first frame that may still be placed on. */
  get edge(): number {
    return Math.max(0, this.#furthest - this.#windowFrames);
  }

  /**
   * Places mono S16LE samples, if that settles nothing; nearly always there is room for them.
   * @param startFrame at or after {@link edge}. @param pcm not empty.
   * @returns false when nothing was done: {@link place} does it.
   */
  placeWithin(channel: Channel, startFrame: number, pcm: Uint8Array): boolean {
    const to = startFrame + pcm.length / BYTES_PER_SAMPLE;
    if (to - this.#base > this.#heldFrames) return false;
    const mono = channel === 0 ? this.#left : this.#right;
    mono.bytes.set(pcm, (startFrame - this.#base) * BYTES_PER_SAMPLE);
    if (to > this.#furthest) this.#furthest = to;
    return true;
  }

  /**
   * Places mono S16LE samples. @param startFrame at or after {@link edge}.
   * @returns what is settled by it, as interleaved S16LE; each chunk is valid until the next one is taken.
   */
  *place(channel: Channel, startFrame: number, pcm: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < pcm.length; at += this.#pieceBytes) {
      const piece = pcm.subarray(at, at + this.#pieceBytes);
      const from = startFrame + at / BYTES_PER_SAMPLE;
      if (this.placeWithin(channel, from, piece)) continue;
      yield* this.#settle(from + piece.length / BYTES_PER_SAMPLE - this.#windowFrames);
      this.placeWithin(channel, from, piece);
    }
  }

  /** All that is left. */
  *finish(): Generator<Uint8Array> {
    yield* this.#settle(this.#furthest);
  }

  *#settle(upTo: number): Generator<Uint8Array> {
    const held = Math.max(0, Math.min(upTo, this.#furthest) - this.#base);
    for (let at = 0; at < held; at += CHUNK_FRAMES) {
      yield this.#interleave(at, Math.min(at + CHUNK_FRAMES, held));
    }
    const silent = Math.max(0, upTo - Math.max(this.#furthest, this.#base));
    for (let left = silent; left > 0; left -= CHUNK_FRAMES) {
      yield this.#chunk.fill(0).subarray(0, Math.min(CHUNK_FRAMES, left) * BYTES_PER_FRAME);
    }
    const kept = Math.max(0, this.#furthest - upTo);
    this.#left.shift(held, kept);
    this.#right.shift(held, kept);
    this.#base = upTo;
  }

  /** @param from even */
  #interleave(from: number, to: number): Uint8Array {
    const [first, end] = [from / 2, Math.ceil(to / 2)];
    interleave(this.#left.pairs.subarray(first, end), this.#right.pairs.subarray(first, end), this.#frames);
    return this.#chunk.subarray(0, (to - from) * BYTES_PER_FRAME);
  }
}
