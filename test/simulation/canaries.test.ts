import { describe, expect, it } from 'vitest';
import { CANARIES } from './canaries.ts';
import { trySeeds } from './seeds.ts';

/** Most are caught within a few; those that few seeds meet have a twist. */
const SEEDS_MAX = 500;

describe('the simulation', () => {
  it.each(CANARIES)('catches a recorder that $name', { timeout: 300_000 }, async (canary) => {
    const { failure } = await trySeeds(1, SEEDS_MAX, canary, canary.twist);
    expect(failure?.verdict.findings).not.toEqual([]);
    expect(failure).toBeDefined();
  });
});
