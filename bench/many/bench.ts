/** Many calls at once: measured on this machine as far as it holds, and modelled against AWS's quotas beyond. */
import { availableParallelism } from 'node:os';
import { buildAll } from '../../build.ts';
import { LIMITS } from '../../contract/limits.ts';
import type { Extent } from '../support/options.ts';
import type { Measured, Ratio, Table } from '../support/results.ts';
import { rounded } from '../support/statistics.ts';
import { type Level, measureMany, type Measurement, type Plan } from './measure.ts';
import {
  type CallRates,
  LISTENED_QUOTAS,
  loads,
  type Quota,
  QUOTAS,
  ROWS_PER_MINUTE,
  STATE_SECONDS,
} from './model.ts';

const PLAN: Plan = {
  levels: [1, 2, 5, 10, 20, 50, 100],
  // Two segments of each recorder.
  windowSeconds: 2 * LIMITS.segmentSeconds.default,
  segmentSeconds: LIMITS.segmentSeconds.default,
};
const MODELLED = [10, 100, 1_000, 10_000] as const;
/** The length of a call in docs/CAPACITY.md. */
const CALL_SECONDS = 300;
/** To try it out. */
const SHORT_LEVELS = [1, 2, 5] as const;

/** With `--minutes`, few calls. */
export async function benchMany({ secondsMax }: Extent): Promise<Measured> {
  await buildAll();
  const plan = secondsMax < Infinity ? { ...PLAN, levels: SHORT_LEVELS } : PLAN;
  const cores = availableParallelism();
  const measurement = await measureMany(plan, cores);
  const { levels, stopped } = measurement;
  const last = levels.at(-1);
  if (!last) throw new Error(stopped ?? 'nothing was measured');
  return {
    title: 'Many at once',
    ratios: ratiosOf(levels),
    tables: [
      levelTable(plan, measurement),
      modelTable('quota', QUOTAS, ratesOf(last)),
      modelTable('where each call is listened to', LISTENED_QUOTAS, ratesOf(last)),
    ],
    notes: [
      `Each recorder is \`dist/task/index.mjs\` in a process of its own, at live pace, with segments of ${String(plan.segmentSeconds)} s; the stand-ins, which also make the calls, are in one other process on the same ${String(cores)} cores. Every level adds to the one before; once each of its recorders has stored a segment in time it is watched for ${String(plan.windowSeconds)} s.`,
      'Memory: together, what processes share counts once (PSS); the largest by itself, as a container would count it (RSS).',
      stopped === undefined
        ? `All levels were measured, up to ${String(last.calls)} calls.`
        : `**Measured up to ${String(last.calls)} calls: ${stopped}.** The rows beyond are scaled from it, and say so.`,
      `The second table takes the rates of the last level that was measured, calls of ${String(CALL_SECONDS / 60)} minutes, and AWS’s defaults as docs/CAPACITY.md gives them; none was met on a live account. “Breaks at” is the first number of calls at once beyond the default. A quota that is met delays recorders; what they then find in the stream they read faster than live.`,
      `The third table is what comes on top where every call is given live or written down, at docs/LIVE.md’s and docs/WORDS.md’s defaults: a piece a second, where it goes on every ${String(STATE_SECONDS)} s, ${String(ROWS_PER_MINUTE)} rows a minute. It is reckoned, not measured: what a listener takes of a machine, “Given live” and “Words” tell. Its task has as many vCPUs, and is no more tasks.`,
    ],
  };
}

function ratiosOf(levels: readonly Level[]): Ratio[] {
  const last = levels.at(-1);
  const base = levels.find(({ calls }) => calls === 10) ?? levels[0];
  if (!last || !base || last === base) return [];
  const perCall = (level: Level, pick: (level: Level) => number) => pick(level) / level.calls;
  const ratio = (name: string, pick: (level: Level) => number): Ratio => ({
    name: `${name}, ${String(last.calls)} calls as a multiple of ${String(base.calls)}`,
    value: rounded(perCall(last, pick) / perCall(base, pick)),
    better: 'less',
  });
  return [
    ratio('CPU a call', ({ cpuSecondsPerSecond }) => cpuSecondsPerSecond),
    ratio('memory a call', ({ totalMb }) => totalMb),
  ];
}

function levelTable({ levels }: Plan, measurement: Measurement): Table {
  const last = measurement.levels.at(-1);
  const rows = measurement.levels.map((level) => row(level, ''));
  for (const calls of levels.slice(measurement.levels.length)) {
    if (last) rows.push(row(scaled(last, calls), `scaled from ${String(last.calls)}`));
  }
  return {
    head: [
      'calls',
      'CPU s a second',
      'CPU s per call-hour',
      'MB together',
      'MB a call',
      'largest, MB',
      'segment stored after, ms: median',
      'most',
      'S3 PUT a second',
      'DynamoDB writes a second',
      'reads a second',
      'media, MB/s',
      'stand-ins, CPU s a second',
      '',
    ],
    rows,
  };
}

function scaled(level: Level, calls: number): Level {
  const times = calls / level.calls;
  return {
    calls,
    cpuSecondsPerSecond: level.cpuSecondsPerSecond * times,
    standinsPerSecond: level.standinsPerSecond * times,
    totalMb: level.totalMb * times,
    largestMb: level.largestMb,
    latencyMs: { median: NaN, most: NaN },
    rates: Object.fromEntries(Object.entries(level.rates).map(([name, rate]) => [name, rate * times])),
    mediaMbPerSecond: level.mediaMbPerSecond * times,
  };
}

function row(level: Level, how: string): string[] {
  const { calls, latencyMs, rates } = level;
  const ms = (value: number) => (Number.isFinite(value) ? value.toFixed(0) : 'not measured');
  return [
    String(calls),
    level.cpuSecondsPerSecond.toFixed(3),
    ((level.cpuSecondsPerSecond / calls) * 3_600).toFixed(1),
    level.totalMb.toFixed(0),
    (level.totalMb / calls).toFixed(0),
    level.largestMb.toFixed(0),
    ms(latencyMs.median),
    ms(latencyMs.most),
    (rates['S3 PutObject'] ?? 0).toFixed(1),
    (rates['DynamoDB UpdateItem'] ?? 0).toFixed(1),
    (rates['DynamoDB Query'] ?? 0).toFixed(1),
    level.mediaMbPerSecond.toFixed(2),
    level.standinsPerSecond.toFixed(3),
    how,
  ];
}

function ratesOf({ calls, rates }: Level): CallRates {
  const perCall = (name: string) => (rates[name] ?? 0) / calls;
  return {
    callSeconds: CALL_SECONDS,
    tapePutsPerSecond: perCall('S3 PutObject'),
    checkpointWritesPerSecond: perCall('DynamoDB UpdateItem'),
    callsReadsPerSecond: perCall('DynamoDB Query'),
  };
}

function modelTable(heading: string, quotas: readonly Quota[], rates: CallRates): Table {
  return {
    head: [
      heading,
      'default',
      ...MODELLED.map((calls) => `${calls.toLocaleString('en')} calls`),
      'breaks at',
      'what to do',
    ],
    rows: loads(rates, MODELLED, quotas).map(({ quota, taken, breaksAt }) => [
      quota.name,
      quota.limit === undefined ? 'see Service Quotas' : `${quota.limit.toLocaleString('en')} ${quota.unit}`,
      ...taken.map((amount) => {
        const shown = rounded(amount).toLocaleString('en', { maximumFractionDigits: 3 });
        return quota.limit !== undefined && amount > quota.limit ? `**${shown}**` : shown;
      }),
      breaksAt === Infinity ? 'not known' : breaksAt.toLocaleString('en'),
      quota.remedy,
    ]),
  };
}
