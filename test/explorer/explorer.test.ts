import { describe, expect, it } from 'vitest';
import { BUGS } from './bugs.ts';
import { type Case, CASES } from './cases.ts';
import { search } from './search.ts';

/** The longer one is `npm run explore`. */
const CASE_MS = 6_000;
const BOUNDS = { depthMax: 500, statesMax: 1_000_000 };
const bounds = (ms: number) => ({ ...BOUNDS, untilMs: Date.now() + ms });

const SHORT = ['one death', 'an erasure', 'a handover', 'a zombie, no retry: a fence'];

describe('every order of port calls', () => {
  it.each(CASES.filter(({ name }) => SHORT.includes(name)))(
    'keeps to the model: $name',
    { timeout: 60_000 },
    async (one) => {
      const { found, states } = await search(one, bounds(CASE_MS));
      expect(found).toBeUndefined();
      expect(states).toBeGreaterThan(50);
    },
  );
});

/** In which a bug has to be found: troubles make zombies, and a fence needs one that no retry follows. */
const FOR_BUGS: Case = {
  name: 'one zombie, no retry',
  fragments: 2,
  archive: true,
  taskTries: 1,
  handOver: false,
  erasure: false,
  deaths: 0,
  zombies: 1,
};

describe('the search', () => {
  it.each(BUGS)('finds a recorder that $name', { timeout: 180_000 }, async (bug) => {
    const { found } = await search(FOR_BUGS, bounds(120_000), bug);
    expect(found).toBeDefined();
  });
});
