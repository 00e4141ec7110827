import { describe, expect, it } from 'vitest';
import { CANARIES } from './canaries.ts';
import { scenarioOf } from './generate.ts';
import { runScenario } from './run.ts';
import type { Scenario } from './scenario.ts';
import { report, trySeeds } from './seeds.ts';

const SEEDS = Array.from({ length: 25 }, (_, index) => 1_000 + index);

async function traceOf(scenario: Scenario) {
  const { world, findings } = await runScenario(scenario);
  const { clock, injector, tape, checkpoints, calls, recordings } = world;
  const files = recordings.keys.map((key) => [key, recordings.get(key)]);
  const histories = [tape.history, checkpoints.history, calls.history];
  return { findings, endMs: clock.now(), sites: injector.sites, files, histories };
}

describe('a run', () => {
  it.each(SEEDS)('is the same every time (seed %i)', async (seed) => {
    expect(await traceOf(scenarioOf(seed))).toEqual(await traceOf(scenarioOf(seed)));
  });

  it('is the same when it is replayed from what was printed', async () => {
    const scenario = scenarioOf(4_711);
    const printed: unknown = JSON.parse(JSON.stringify(scenario));
    expect(await traceOf(printed as Scenario)).toEqual(await traceOf(scenario));
  });
});

describe('a failure', () => {
  it('is told with its seed and its shortest form', async () => {
    const [canary] = CANARIES;
    const { failure } = await trySeeds(1, 1_000, canary);
    if (!failure) throw new Error('the canary was not caught');
    const text = await report(failure.verdict, canary);
    const printed = /--replay '(.*)'/.exec(text)?.[1] ?? '';
    const shortest = JSON.parse(printed) as Scenario;
    expect(text).toContain(`--from ${failure.seed} `);
    expect(shortest.faults.length).toBeLessThanOrEqual(failure.verdict.scenario.faults.length);
    expect(shortest.call.fragments.length).toBeLessThan(failure.verdict.scenario.call.fragments.length);
    expect((await runScenario(shortest, canary)).findings).not.toEqual([]);
    expect((await runScenario(shortest)).findings).toEqual([]);
  });
});
