import { endianness } from 'node:os';

const LOW = 0xffff;

/**
 * Two mono channels → stereo, two frames at a time, each made as one number. All are bytes of S16LE.
 *
 * In a number that is read from memory the first sample is the low half where the machine is little-endian, and the high
 * half where it is big-endian.
 * @param left two samples a number; so is `right`
 * @param frames one frame a number, twice as many; what doesn't fit is left out
 */
export function interleave(
  left: Int32Array,
  right: Int32Array,
  frames: Int32Array,
  order: 'LE' | 'BE' = endianness(),
): void {
  const [high, low] = order === 'LE' ? [right, left] : [left, right];
  const [ofHighs, ofLows] = order === 'LE' ? [1, 0] : [0, 1];
  for (let pair = 0; pair < left.length; pair += 1) {
    const highs = high[pair] ?? 0;
    const lows = low[pair] ?? 0;
    frames[2 * pair + ofLows] = (highs << 16) | (lows & LOW);
    frames[2 * pair + ofHighs] = (highs & ~LOW) | (lows >>> 16);
  }
}
