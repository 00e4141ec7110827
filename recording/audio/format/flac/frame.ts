/** A block of samples as a FLAC frame (RFC 9639, 9): it can be decoded by itself, and tells whether it is sound. */
import type { SampleFacts } from '../format.ts';
import { BitWriter } from './bits.ts';
import { crc8, crc16 } from './crc.ts';
import { SubframeWriter } from './subframe.ts';

/** Header, checksums, and what a subframe takes besides its samples at most. */
const OVERHEAD_BYTES = 64;
const SYNC_FIXED_BLOCKS = 0xfff8;
const SAMPLE_SIZE_16 = 0b100;
const SIZE_FOLLOWS = 0b0111;
const RATE_IN_HERTZ_FOLLOWS = 0b1101;
const RATE_IN_TENS_FOLLOWS = 0b1110;
const RATE_IN_STREAM_INFO = 0b0000;
/** RFC 9639, 9.1.2. */
const RATES: readonly number[] = [
  0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
];

export class FrameWriter {
  readonly #facts: SampleFacts;
  readonly #out: BitWriter;
  readonly #subframe: SubframeWriter;

  constructor(facts: SampleFacts, blockFrames: number) {
    this.#facts = facts;
    this.#out = new BitWriter(blockFrames * facts.channels * 2 + OVERHEAD_BYTES);
    this.#subframe = new SubframeWriter(blockFrames);
  }

  /**
   * Each channel by itself: the two are two people, and have nothing in common that would be worth coding once.
   * @param number of the frame, from 0 on. @param channels their samples are changed
   * @returns the frame, valid until the next one is written
   */
  write(number: number, channels: readonly Int32Array[]): Uint8Array {
    const out = this.#out;
    out.clear();
    this.#writeHeader(number, channels[0]?.length ?? 0);
    for (const samples of channels) this.#subframe.write(out, samples);
    out.pad();
    out.write(crc16(out.bytes), 16);
    return out.bytes;
  }

  #writeHeader(number: number, frames: number): void {
    const out = this.#out;
    const { code, value, bits } = rateOf(this.#facts.sampleRate);
    out.write(SYNC_FIXED_BLOCKS, 16);
    out.write(SIZE_FOLLOWS, 4);
    out.write(code, 4);
    out.write(this.#facts.channels - 1, 4);
    out.write(SAMPLE_SIZE_16 << 1, 4);
    for (const byte of coded(number)) out.write(byte, 8);
    out.write(frames - 1, 16);
    if (bits > 0) out.write(value, bits);
    out.write(crc8(out.bytes), 8);
  }
}

/** Players that begin in mid-stream know the rate from the frame where it has room for it. */
function rateOf(sampleRate: number): { code: number; value: number; bits: number } {
  const known = RATES.indexOf(sampleRate);
  if (known > 0) return { code: known, value: 0, bits: 0 };
  if (sampleRate <= 0xffff) return { code: RATE_IN_HERTZ_FOLLOWS, value: sampleRate, bits: 16 };
  const tens = sampleRate / 10;
  if (Number.isInteger(tens)) return { code: RATE_IN_TENS_FOLLOWS, value: tens, bits: 16 };
  return { code: RATE_IN_STREAM_INFO, value: 0, bits: 0 };
}

/** A number of up to 31 bits as UTF-8 would have it, and longer (RFC 9639, 9.1.5). */
function coded(number: number): number[] {
  if (number < 0x80) return [number];
  const rest: number[] = [];
  let left = number;
  let room = 0x3f;
  for (; left > room; left = Math.floor(left / 64), room >>>= 1) rest.unshift(0x80 | (left & 0x3f));
  return [((~room << 1) & 0xff) | left, ...rest];
}
