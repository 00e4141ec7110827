import { describe, expect, it } from 'vitest';
import { LISTENED_QUOTAS, loads, type Quota, QUOTAS } from '../../../bench/many/model.ts';

const RATES = {
  callSeconds: 300,
  tapePutsPerSecond: 0.1,
  checkpointWritesPerSecond: 0.1,
  callsReadsPerSecond: 0.1,
};

const quota = (name: string, limit: number | undefined, perCall: number): Quota => ({
  name,
  unit: '',
  limit,
  perCall: () => perCall,
  remedy: '',
});

describe('loads', () => {
  it('breaks at the first number of calls that takes more than the quota', () => {
    // As numbers 2.1 / 0.1 is a little more than 21, and 0.7 / 0.1 a little less than 7.
    for (const [limit, perCall, breaksAt] of [
      [6, 0.25, 25],
      [5_000, 1, 5_001],
      [2.1, 0.1, 22],
      [0.7, 0.1, 8],
    ] as const) {
      const [load] = loads(RATES, [], [quota('a', limit, perCall)]);
      expect(load?.breaksAt).toBe(breaksAt);
    }
  });

  it('says what each number of calls takes, and orders by what breaks first', () => {
    const quotas = [quota('unknown', undefined, 3), quota('late', 100, 1), quota('early', 10, 2)];

    const found = loads(RATES, [10, 1_000], quotas);

    expect(found.map(({ quota: { name } }) => name)).toEqual(['early', 'late', 'unknown']);
    expect(found.map(({ taken }) => taken)).toEqual([
      [20, 2_000],
      [10, 1_000],
      [30, 3_000],
    ]);
    expect(found.at(-1)?.breaksAt).toBe(Infinity);
  });

  it('finds the defaults’ first limits where docs/CAPACITY.md says they are: vCPUs, DescribeContact, interfaces, starts', () => {
    const order = loads(RATES, [10_000]).map(({ quota: { name } }) => name);

    expect(order).toHaveLength(QUOTAS.length);
    expect(
      order.slice(0, 5).map((name) => /vCPU|DescribeContact|interfaces|RunTask/.exec(name)?.[0]),
    ).toEqual(['vCPU', 'vCPU', 'DescribeContact', 'interfaces', 'RunTask']);
  });

  it('finds what listeners meet first where docs/CAPACITY.md says it is', () => {
    const found = loads(RATES, [10_000], LISTENED_QUOTAS).map(({ quota: { name }, breaksAt }) => [
      name,
      breaksAt,
    ]);

    expect(found[0]).toEqual([expect.stringContaining('concurrent streams'), 26]);
    expect(found[1]).toEqual([expect.stringContaining('`pieces`'), 3_182]);
    expect(found).toHaveLength(LISTENED_QUOTAS.length);
  });
});
