/** How loud stereo audio is. */

/** The largest magnitude of its samples. */
export function peakOf(stereo: Uint8Array): number {
  const view = new DataView(stereo.buffer, stereo.byteOffset, stereo.byteLength);
  let peak = 0;
  for (let at = 0; at + 1 < stereo.length; at += 2) peak = Math.max(peak, Math.abs(view.getInt16(at, true)));
  return peak;
}

export function isSilent(stereo: Uint8Array): boolean {
  return stereo.every((byte) => byte === 0);
}

const PAUSE_SECONDS = 0.2;
const QUIET = 500;

/** @returns the frame amid the first pause; undefined where there is none */
export function pauseIn(stereo: Uint8Array, sampleRate: number): number | undefined {
  const frames = stereo.length / 4;
  const step = Math.round(PAUSE_SECONDS * sampleRate);
  for (let from = 0; from + step <= frames; from += Math.ceil(step / 2))
    if (peakOf(stereo.subarray(from * 4, (from + step) * 4)) < QUIET) return from + Math.floor(step / 2);
  return undefined;
}
