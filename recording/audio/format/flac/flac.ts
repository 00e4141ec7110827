/**
 * FLAC (RFC 9639): the same samples in about a quarter of the bytes.
 *
 * What a telephone call needs of it is little (fixed predictors, Rice codes), so it is written here: no package with the
 * reference encoder is fit for a function of one file (docs/decisions/0006-flac-by-ourselves.md). Its decoder is what the
 * tests hold this against.
 */
import { createHash } from 'node:crypto';
import { BYTES_PER_SAMPLE } from '../../pcm.ts';
import type { Encoder, FileFormat, SampleFacts } from '../format.ts';
import { FrameWriter } from './frame.ts';
import { STREAM_HEADER_BYTES, streamHeader } from './stream-info.ts';

/** Samples of a channel in a frame. Speech changes quickly: with half of the reference encoder’s 4,096 the sample call is 2 % smaller. */
const BLOCK_FRAMES = 2_048;

export const FLAC = {
  name: 'flac',
  title: 'FLAC',
  extension: 'flac',
  contentType: 'audio/flac',
  headerBytesMax: STREAM_HEADER_BYTES,
  headerNeeds: 'content',
  encoder: (facts) => new FlacEncoder(facts),
} as const satisfies FileFormat;

class FlacEncoder implements Encoder {
  readonly #facts: SampleFacts;
  readonly #frame: FrameWriter;
  readonly #channels: readonly Int32Array[];
  readonly #md5 = createHash('md5');
  /** A block's samples as they come, interleaved. */
  readonly #block: Uint8Array;
  readonly #samples: DataView;
  #filled = 0;
  #number = 0;
  #frameBytes = { min: Infinity, max: 0 };

  constructor(facts: SampleFacts) {
    this.#facts = facts;
    this.#frame = new FrameWriter(facts, BLOCK_FRAMES);
    this.#channels = Array.from({ length: facts.channels }, () => new Int32Array(BLOCK_FRAMES));
    this.#block = new Uint8Array(BLOCK_FRAMES * facts.channels * BYTES_PER_SAMPLE);
    this.#samples = new DataView(this.#block.buffer);
  }

  *encode(samples: Uint8Array): Generator<Uint8Array> {
    this.#md5.update(samples);
    for (let at = 0; at < samples.length;) {
      const taken = samples.subarray(at, at + this.#block.length - this.#filled);
      this.#block.set(taken, this.#filled);
      this.#filled += taken.length;
      at += taken.length;
      if (this.#filled === this.#block.length) yield this.#writeBlock(BLOCK_FRAMES);
    }
  }

  *finish(): Generator<Uint8Array> {
    const frames = this.#filled / (this.#facts.channels * BYTES_PER_SAMPLE);
    if (!Number.isInteger(frames)) throw new Error('the samples end in the middle of a frame');
    if (frames > 0) yield this.#writeBlock(frames);
  }

  header(frames: number): Uint8Array {
    const { min, max } = this.#frameBytes;
    const frameBytes = { min: max === 0 ? 0 : min, max };
    const md5 = this.#md5.copy().digest();
    return streamHeader({ ...this.#facts, frames, blockFrames: BLOCK_FRAMES, frameBytes, md5 });
  }

  #writeBlock(frames: number): Uint8Array {
    const channels = this.#channels.map((samples) => samples.subarray(0, frames));
    const step = channels.length * BYTES_PER_SAMPLE;
    for (const [channel, samples] of channels.entries()) {
      let from = channel * BYTES_PER_SAMPLE;
      for (let at = 0; at < frames; at += 1, from += step) samples[at] = this.#samples.getInt16(from, true);
    }
    const frame = this.#frame.write(this.#number, channels);
    this.#number += 1;
    this.#filled = 0;
    const { min, max } = this.#frameBytes;
    this.#frameBytes = { min: Math.min(min, frame.length), max: Math.max(max, frame.length) };
    return frame;
  }
}
