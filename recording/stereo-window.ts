/**
 * The part of the stereo audio that may still change, in fixed memory. Samples are placed on either channel;
 * what lies further than the window behind the furthest sample is settled and goes out. What was never placed is
 * silence.
 */
import { BYTES_PER_SAMPLE, type Channel } from './pcm.ts';

export const CHANNELS = 2;
export const BYTES_PER_FRAME = CHANNELS * BYTES_PER_SAMPLE;

/** How much more than the window is held, so that the buffer is moved once in a while and not for each block. */
const SLACK_SECONDS = 60;
/** A piece of audio or of silence that goes out at a time. */
const CHUNK_BYTES = 256 * 1024;

export class StereoWindow {
  readonly #windowFrames: number;
  readonly #pieceFrames: number;
  readonly #buffer: Uint8Array;
  readonly #samples: Int16Array;
  /** What is being placed: a view of samples needs an even offset, which a block needn't have. */
  readonly #piece: Uint8Array;
  readonly #pieceSamples: Int16Array;
  readonly #silence = new Uint8Array(CHUNK_BYTES);
  /** The frame that the buffer begins with: all before it has gone out. */
  #base = 0;
  /** One past the last frame that a sample was placed on. */
  #furthest = 0;

  constructor(sampleRate: number, windowSeconds: number) {
    this.#windowFrames = sampleRate * windowSeconds;
    this.#pieceFrames = sampleRate * (SLACK_SECONDS / 2);
    this.#buffer = new Uint8Array((this.#windowFrames + sampleRate * SLACK_SECONDS) * BYTES_PER_FRAME);
    this.#samples = new Int16Array(this.#buffer.buffer);
    this.#piece = new Uint8Array(this.#pieceFrames * BYTES_PER_SAMPLE);
    this.#pieceSamples = new Int16Array(this.#piece.buffer);
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
   * Places mono S16LE samples. @param startFrame at or after {@link edge}.
   * @returns what is settled by it, as interleaved S16LE; each chunk is valid until the next one is taken.
   */
  *place(channel: Channel, startFrame: number, pcm: Uint8Array): Generator<Uint8Array> {
    const pieceBytes = this.#pieceFrames * BYTES_PER_SAMPLE;
    for (let at = 0; at < pcm.length; at += pieceBytes) {
      const piece = pcm.subarray(at, at + pieceBytes);
      const from = startFrame + at / BYTES_PER_SAMPLE;
      const to = from + piece.length / BYTES_PER_SAMPLE;
      if ((to - this.#base) * BYTES_PER_FRAME > this.#buffer.length)
        yield* this.#settle(to - this.#windowFrames);
      this.#interleave(channel, from - this.#base, piece);
      this.#furthest = Math.max(this.#furthest, to);
    }
  }

  /** All that is left. */
  *finish(): Generator<Uint8Array> {
    yield* this.#settle(this.#furthest);
  }

  /** From view to view: whatever the machine's byte order, the bytes stay in theirs. */
  #interleave(channel: Channel, frame: number, pcm: Uint8Array): void {
    this.#piece.set(pcm);
    const from = this.#pieceSamples;
    const into = this.#samples;
    const count = pcm.length / BYTES_PER_SAMPLE;
    let at = frame * CHANNELS + channel;
    for (let index = 0; index < count; index += 1) {
      into[at] = from[index] ?? 0;
      at += CHANNELS;
    }
  }

  *#settle(upTo: number): Generator<Uint8Array> {
    const held = Math.min(upTo, this.#furthest) - this.#base;
    const heldBytes = Math.max(0, held) * BYTES_PER_FRAME;
    for (let at = 0; at < heldBytes; at += CHUNK_BYTES) {
      yield this.#buffer.subarray(at, Math.min(at + CHUNK_BYTES, heldBytes));
    }
    let silentBytes = Math.max(0, upTo - Math.max(this.#furthest, this.#base)) * BYTES_PER_FRAME;
    for (; silentBytes > 0; silentBytes -= CHUNK_BYTES) {
      yield this.#silence.subarray(0, Math.min(CHUNK_BYTES, silentBytes));
    }
    const keptBytes = Math.max(0, this.#furthest - upTo) * BYTES_PER_FRAME;
    this.#buffer.copyWithin(0, heldBytes, heldBytes + keptBytes);
    this.#buffer.fill(0, keptBytes);
    this.#base = upTo;
  }
}
