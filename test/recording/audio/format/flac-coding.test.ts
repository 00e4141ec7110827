/** How FLAC's samples are coded, in bits: what a decoder can't tell, since it reads what is coded worse as well. */
import { describe, expect, it } from 'vitest';
import { BitWriter } from '../../../../recording/audio/format/flac/bits.ts';
import { RicePlan, writeResiduals } from '../../../../recording/audio/format/flac/rice.ts';
import { SubframeWriter } from '../../../../recording/audio/format/flac/subframe.ts';

/** What is written eight times has as many bytes as it has bits. */
function bitsOf(write: (out: BitWriter) => void): number {
  const out = new BitWriter(4_096);
  for (let nth = 0; nth < 8; nth += 1) write(out);
  return out.bytes.length;
}

const residualsOf = (...runs: readonly (readonly [count: number, value: number])[]) =>
  Int32Array.from(runs.flatMap(([count, value]) => Array<number>(count).fill(value)));

describe('Rice codes', () => {
  const planOf = (residuals: Int32Array, from = 0) => new RicePlan().plan(residuals, from, residuals.length);

  /** 6 bits, and of each partition 4. */
  it.each([
    ['nothing but noughts', residualsOf([8, 0]), 0, { order: 0, bitsMax: 6 + 4 + 8 }],
    ['those that are none', residualsOf([8, 0]), 2, { order: 0, bitsMax: 6 + 4 + 6 }],
    [
      'a loud half behind a silent one',
      residualsOf([16, 0], [16, 1_000]),
      0,
      { order: 1, bitsMax: 6 + 4 + 16 + 4 + 16 * (1 + 10) + 31 },
    ],
  ])('are cut up as is best: %s', (_, residuals, from, plan) => {
    expect(planOf(residuals, from)).toEqual(plan);
  });

  it('take no more than was planned', () => {
    const residuals = residualsOf([16, 0], [16, 1_000]);
    const plan = planOf(residuals);
    const bits = bitsOf((out) => {
      writeResiduals(out, residuals, 0, residuals.length, plan);
    });
    expect(bits).toBeLessThanOrEqual(plan.bitsMax);
  });

  it('leave a residual at least for the first partition', () => {
    for (let size = 1; size <= 64; size += 1)
      for (let from = 0; from < Math.min(5, size); from += 1) {
        const loud = Math.ceil(size / 4);
        const { order } = planOf(residualsOf([size - loud, 0], [loud, 10_000]), from);
        expect(size >>> order, `${size} samples, ${from} before`).toBeGreaterThan(from);
      }
  });
});

describe('A subframe', () => {
  it.each([
    ['a slope, by the second predictor', [1_001, 2_002, 3_003, 4_004], 8 + 2 * 16 + 10 + 2],
    ['what the third one predicts all but one off', [101, 50, -154, -512], 8 + 3 * 16 + 10 + 2],
    ['as it is, what no predictor makes shorter', [20_001, 30_002], 8 + 2 * 16],
  ])('has %s', (_, samples, bits) => {
    const subframe = new SubframeWriter(samples.length);
    expect(
      bitsOf((out) => {
        subframe.write(out, Int32Array.from(samples));
      }),
    ).toBe(bits);
  });
});
