import { describe, expect, it } from 'vitest';
import { LAUNCH_QUOTAS, simulateStorm, type Storm } from '../../../bench/many/storm.ts';
import { workflow } from '../../../contract/workflow.ts';
import { WORKFLOW_RESOURCES } from '../../../local/standins/workflow-resources.ts';

const DEFINITION = workflow({
  ...WORKFLOW_RESOURCES,
  spot: true,
  longestCallSeconds: 43_200,
});

const storm = (changes: Partial<Storm> = {}): Storm => ({
  calls: 2_000,
  withinMs: 60_000,
  spotHasCapacity: true,
  quotas: LAUNCH_QUOTAS,
  seed: 1,
  ...changes,
});

const mostMs = (changes?: Partial<Storm>) =>
  Math.max(...simulateStorm(DEFINITION, storm(changes)).launches.map(({ afterMs }) => afterMs));

describe('many calls that begin together', () => {
  it('are all recorded at once while the quotas have room', () => {
    const { launches, givenUp } = simulateStorm(DEFINITION, storm({ calls: 100, withinMs: 0 }));
    expect(givenUp).toBe(0);
    expect(launches).toHaveLength(100);
    expect(launches.every(({ tries, afterMs }) => tries === 1 && afterMs === 0)).toBe(true);
  });

  it('are let through no faster than the rate, and all of them', () => {
    const { launches, givenUp } = simulateStorm(DEFINITION, storm({ withinMs: 0 }));
    const lastMs = Math.max(...launches.map(({ afterMs }) => afterMs));
    expect([launches.length, givenUp]).toEqual([2_000, 0]);
    expect(lastMs).toBeGreaterThanOrEqual(((2_000 - LAUNCH_QUOTAS.burst) / LAUNCH_QUOTAS.perSecond) * 1_000);
  });

  it.each([1, 2, 3])(
    'leave time for the recorder in what a stream without retention keeps (seed %d)',
    (seed) => {
      // 5 minutes, less a minute for the task to start.
      expect(mostMs({ seed })).toBeLessThan(240_000);
      expect(mostMs({ seed, spotHasCapacity: false })).toBeLessThan(240_000);
    },
  );

  it('are the same calls again by the same seed', () => {
    expect(simulateStorm(DEFINITION, storm())).toEqual(simulateStorm(DEFINITION, storm()));
  });

  it('are given up where nothing is ever launched, and only after the last try', () => {
    const { givenUp, launches } = simulateStorm(
      DEFINITION,
      storm({ calls: 3, quotas: { perSecond: 0, burst: 0 } }),
    );
    expect([givenUp, launches.length]).toEqual([3, 0]);
  });
});
