/**
 * µ-law by the table of ITU-T G.711: eight segments of sixteen steps, found by counting them up. Written to test an
 * encoder: slow, and by no formula of its kind. Values are on the scale of 16 bits.
 */
interface Step {
  /** What a decoder makes of it, and the least magnitude that is encoded so. */
  readonly value: number;
  readonly from: number;
}

const STEPS: readonly Step[] = steps();

function steps(): Step[] {
  const all: Step[] = [];
  for (let [segment, distance, value] = [0, 8, 0]; segment < 8; segment += 1, distance *= 2) {
    if (segment > 0) value += distance / 4;
    for (let step = 0; step < 16; step += 1, value += distance)
      all.push({ value, from: Math.max(0, value - distance / 2) });
  }
  return all;
}

export function decodedMuLaw(code: number): number {
  const value = STEPS[~code & 0x7f]?.value ?? NaN;
  return (code & 0x80) !== 0 ? value : -value;
}

/** By each sample, from -32768 on. */
const CODES = Uint8Array.from({ length: 0x10000 }, (_, index) => codeOf(index - 0x8000));

/** A negative sample has none of the positive ones' codes, not even that of zero. */
function codeOf(sample: number): number {
  const index = STEPS.findLastIndex(({ from }) => from <= Math.abs(sample));
  return (sample < 0 ? 0x7f : 0xff) - index;
}

export function muLawOf(sample: number): number {
  return CODES[sample + 0x8000] ?? NaN;
}
