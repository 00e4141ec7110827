/**
 * µ-law of ITU-T G.711, as telephones and the RTP payload PCMU (RFC 3551) have it: a sign, three bits of exponent and four
 * of mantissa, all of them inverted. G.711 counts in 14 bits; samples of 16 bits are four times that.
 */
import { BYTES_PER_SAMPLE } from './pcm.ts';

/** 33 of G.711's 14 bits: it makes each segment begin at a power of two. */
const BIAS = 4 * 33;
/** What lies beyond it is heard as the loudest code. */
const CLIP = 0x7fff - BIAS;
const SIGN = 0x80;

const CODES = Uint8Array.from({ length: 0x10000 }, (_, word) =>
  codeOf(word < 0x8000 ? word : word - 0x10000),
);

function codeOf(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? SIGN : 0) | (exponent << 4) | mantissa) & 0xff;
}

/**
 * @param samples S16LE, of any number of interleaved channels. @param first the first sample that is taken
 * @param step 1 takes all of them, 2 every other one
 */
export function muLaw(samples: Uint8Array, first = 0, step = 1): Uint8Array {
  const codes = new Uint8Array(Math.ceil((samples.length / BYTES_PER_SAMPLE - first) / step));
  for (let index = 0, at = first * BYTES_PER_SAMPLE; index < codes.length; index += 1) {
    codes[index] = CODES[(samples[at] ?? 0) | ((samples[at + 1] ?? 0) << 8)] ?? 0;
    at += step * BYTES_PER_SAMPLE;
  }
  return codes;
}
