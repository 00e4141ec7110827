/** How late the last recorder is, when many calls begin together: simulated, with the workflow's own retries. */
import { LIMITS } from '../../contract/limits.ts';
import { workflow } from '../../contract/workflow.ts';
import { WORKFLOW_RESOURCES } from '../../local/standins/workflow-resources.ts';
import type { Measured, Table } from '../support/results.ts';
import { LAUNCH_QUOTAS, simulateStorm, type Storm, type StormResult } from './storm.ts';

/** What a stream keeps that keeps nothing: Kinesis Video's buffer. */
const BUFFER_SECONDS = 300;
/** From a launch to the first GetMedia: finding a host, pulling the image, starting. */
const START_SECONDS = 60;
const SEEDS = [1, 2, 3, 4, 5] as const;

type Case = Omit<Storm, 'quotas' | 'seed'> & { readonly name: string };

const CASES: readonly Case[] = [
  { name: '2,000 within a minute', calls: 2_000, withinMs: 60_000, spotHasCapacity: true },
  {
    name: '2,000 within a minute, none of them on Spot',
    calls: 2_000,
    withinMs: 60_000,
    spotHasCapacity: false,
  },
  { name: '2,000 at once', calls: 2_000, withinMs: 0, spotHasCapacity: true },
  { name: '5,000 within a minute', calls: 5_000, withinMs: 60_000, spotHasCapacity: true },
  { name: '10,000 within a minute', calls: 10_000, withinMs: 60_000, spotHasCapacity: true },
];

const DEFINITION = workflow({
  ...WORKFLOW_RESOURCES,
  spot: true,
  longestCallSeconds: LIMITS.longestCallSeconds.default,
});

export function benchStorm(): Promise<Measured> {
  const { perSecond, burst } = LAUNCH_QUOTAS;
  return Promise.resolve({
    title: 'Many calls that begin together',
    ratios: [
      {
        name: 's that the last recorder of 2,000 calls within a minute is launched late',
        value: Math.round(Math.max(...SEEDS.flatMap((seed) => lateness(CASES[0], seed)))),
        better: 'less',
        target: BUFFER_SECONDS - START_SECONDS,
      },
    ],
    tables: [stormTable()],
    notes: [
      `Simulated: each execution asks RunTask, is refused, and asks again by the retries of the workflow that is deployed (contract/workflow.ts). ${String(perSecond)} a second and ${String(burst)} at once for RunTask, and for Fargate’s launches on Spot and On-Demand each, as docs/CAPACITY.md gives them; vCPUs enough. ${String(SEEDS.length)} seeds (1 to ${String(SEEDS.length)}); a figure is of the worst of them.`,
      `Audio is lost where a recorder begins later than the stream keeps: ${String(BUFFER_SECONDS / 60)} minutes without retention, ${String(START_SECONDS)} s of it assumed for a launched task to start. With a retention of hours none of these is late enough.`,
    ],
  });
}

function lateness(one: Case | undefined, seed: number): number[] {
  if (!one) return [];
  return run(one, seed).launches.map(({ afterMs }) => afterMs / 1_000);
}

function run(one: Case, seed: number): StormResult {
  return simulateStorm(DEFINITION, { ...one, quotas: LAUNCH_QUOTAS, seed });
}

function stormTable(): Table {
  return {
    head: [
      'calls',
      'launched late, s: median',
      '99 of 100',
      'last',
      'most tries',
      'given up',
      'calls that lose their beginning, retention 0',
      'retention 24 h',
    ],
    rows: CASES.map((one) => {
      const results = SEEDS.map((seed) => run(one, seed));
      const worst = (pick: (late: readonly number[]) => number) =>
        Math.max(
          ...results.map(({ launches }) => pick(sorted(launches.map(({ afterMs }) => afterMs / 1_000)))),
        );
      const at = (part: number) => worst((late) => late[Math.floor(part * (late.length - 1))] ?? NaN);
      const lost = (keptSeconds: number) =>
        worst((late) => late.filter((seconds) => seconds + START_SECONDS > keptSeconds).length);
      return [
        one.name,
        at(0.5).toFixed(0),
        at(0.99).toFixed(0),
        at(1).toFixed(0),
        String(Math.max(...results.flatMap(({ launches }) => launches.map(({ tries }) => tries)))),
        String(Math.max(...results.map(({ givenUp }) => givenUp))),
        String(lost(BUFFER_SECONDS)),
        String(lost(24 * 3_600)),
      ];
    }),
  };
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}
