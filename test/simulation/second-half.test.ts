import { expect, it } from 'vitest';
import { failuresOf } from './seeds-process.ts';

/** The other half runs beside it, on the other core. */
const SEEDS = 5_000;
const FROM = 5_001;

it('keeps the promise under the faults of 5,000 seeds, the second half', { timeout: 600_000 }, async () => {
  expect(await failuresOf(FROM, SEEDS)).toEqual([]);
});
