import { describe, expect, it } from 'vitest';
import { CANARIES } from './canaries.ts';
import { trySeeds } from './seeds.ts';

/** Most are caught within a few; the rarest is met by one seed in a thousand. */
const SEEDS_MAX = 5_000;

describe('the simulation', () => {
  it.each(CANARIES)('catches a recorder that $name', { timeout: 300_000 }, async (canary) => {
    const { failure } = await trySeeds(canary.from ?? 1, SEEDS_MAX, canary, canary.twist);
    expect(failure?.verdict.findings).not.toEqual([]);
    expect(failure).toBeDefined();
  });
});
