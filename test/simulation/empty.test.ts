/** A call of which nothing comes: when it is empty, and when its start may have been forgotten. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../contract/limits.ts';
import { scenarioOf } from './generate.ts';
import { runScenario } from './run.ts';
import type { Fault, Scenario } from './scenario.ts';

const GRACE_SECONDS = LIMITS.graceSeconds;

interface Plan {
  /** As if there had never been any audio: the stream keeps no archive. */
  readonly hidden: boolean;
  readonly startedAtMs: number;
  readonly disconnectAfterMs: number;
  readonly graceMs: number;
  readonly faults: readonly Fault[];
}

/** Of a single fragment. */
function shortCall({ hidden, startedAtMs, disconnectAfterMs, graceMs, faults }: Plan): Scenario {
  const { call, service, settings } = scenarioOf(1);
  const [first] = call.fragments.filter(({ part }) => part === 'ours');
  if (!first) throw new Error('the call has no fragment');
  return {
    seed: 1,
    call: {
      ...call,
      fragments: [
        {
          ...first,
          hidden,
          malformed: false,
          contactTag: true,
          trailingTags: true,
          pauseMs: 0,
          latencyMs: 50,
        },
      ],
      startedAtMs,
      executionAfterMs: 2_000,
      disconnectAfterMs,
      eventAfterMs: 0,
      describeAfterMs: 0,
      stopped: false,
    },
    service: {
      ...service,
      archive: false,
      listingDelayMs: 0,
      keepMs: 300_000,
      sessionMs: 2_700_000,
      launchMs: 4_000,
      retriesMax: undefined,
      chunkBytes: undefined,
    },
    settings: { ...settings, graceMs, idleTimeoutMs: 600_000, longestCallMs: 1_800_000 },
    faults,
  };
}

async function recordOf(scenario: Scenario) {
  const { world, findings } = await runScenario(scenario);
  expect(findings).toEqual([]);
  return world.calls.history.at(-1)?.after;
}

describe('a call of which nothing comes', () => {
  it.each([GRACE_SECONDS.min, GRACE_SECONDS.default, 60, GRACE_SECONDS.max])(
    'is EMPTY, with a grace period of %d s',
    async (seconds) => {
      const graceMs = seconds * 1_000;
      const plan = { hidden: true, startedAtMs: 0, disconnectAfterMs: 500_000, graceMs, faults: [] };
      expect(await recordOf(shortCall(plan))).toMatchObject({ status: 'EMPTY', losses: [] });
    },
  );

  it('has lost its start where that came long before StartTimestamp, and nobody could look before it was forgotten', async () => {
    const faults: Fault[] = [{ kind: 'outage', service: 'kinesis', atMs: 4_000, ms: 247_000 }];
    for (let nth = 2; nth <= 6; nth += 1)
      faults.push({ kind: 'session', nth, fault: { how: 'refused', error: 'keyUnavailable' } });
    const plan = { hidden: false, startedAtMs: 38_000, disconnectAfterMs: 1_000, graceMs: 10_000, faults };
    expect(await recordOf(shortCall(plan))).toMatchObject({ losses: [{ kind: 'START_MISSING' }] });
  });
});
