/** Makes of the stereo recording what a person asked for. */
import { BYTES_PER_SAMPLE } from '../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';

/** `mix`: both sides, each at half its level, so that nothing is ever clipped. */
export const MONO = ['mix', 'customer', 'agent'] as const;
export type Mono = (typeof MONO)[number];

/**
 * @param stereo interleaved S16LE; chunks may end anywhere
 * @returns whole frames: stereo as it came, or mono
 */
export async function* channelsOf(
  stereo: AsyncIterable<Uint8Array>,
  mono: Mono | undefined,
): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of stereo) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % BYTES_PER_FRAME);
    // A copy: the chunk may be used again by whoever gave it.
    rest = bytes.slice(whole);
    if (whole > 0)
      yield mono === undefined ? bytes.subarray(0, whole) : downmix(bytes.subarray(0, whole), mono);
  }
}

function downmix(stereo: Uint8Array, mono: Mono): Uint8Array {
  const from = new DataView(stereo.buffer, stereo.byteOffset, stereo.byteLength);
  const out = new DataView(new ArrayBuffer(stereo.byteLength / 2));
  for (let at = 0; at < stereo.byteLength; at += BYTES_PER_FRAME) {
    const left = from.getInt16(at, true);
    const right = from.getInt16(at + BYTES_PER_SAMPLE, true);
    out.setInt16(at / 2, mono === 'mix' ? (left + right) >> 1 : mono === 'customer' ? left : right, true);
  }
  return new Uint8Array(out.buffer);
}
