/** The whole task, from GetMedia body to tape and checkpoint, beside a plain program that pipes the same body. */
import { join } from 'node:path';
import { buildAll } from '../../build.ts';
import { STREAM_ARN } from '../../local/system/deployment.ts';
import { bytesOf, fragmentsOf } from '../support/call.ts';
import { type Extent, type Length, WHOLE, within } from '../support/options.ts';
import { buildProgram, type Finished, ROOT, runProgram } from '../support/program.ts';
import type { Measured, Ratio } from '../support/results.ts';
import { median, rounded } from '../support/statistics.ts';
import {
  type BenchWorld,
  BUCKET,
  type Call,
  callOfFragments,
  register,
  runVariables,
  startWorld,
} from '../support/world.ts';

/** The ratios are taken from the hour. */
const HOUR: Length = { name: '1 h', seconds: 3_600, runs: 5 };
const TEN_MINUTES: Length = { name: '10 min', seconds: 600, runs: 5 };
/** It takes minutes, and is there for what a task takes by itself: the plain program isn't run beside it. */
const EIGHT_HOURS: Length = { name: '8 h', seconds: 28_800, runs: 5 };

export const FULL: readonly Length[] = [TEN_MINUTES, HOUR, EIGHT_HOURS];
export const GUARD: readonly Length[] = [{ ...HOUR, runs: 3 }];

interface Sample extends Finished {
  /** From the process's start to the last piece stored. */
  readonly storedAfterSeconds: number;
  readonly pieces: number;
}

interface Samples {
  readonly length: Length;
  readonly ours: readonly Sample[];
  readonly theirs: readonly Sample[];
}

const SETTINGS = { graceSeconds: 0.2, segmentSeconds: 10 };

export async function benchTask(lengths: readonly Length[], extent: Extent = WHOLE): Promise<Measured> {
  await buildAll();
  const plain = await buildProgram('task/plain.ts');
  const { measured, skipped } = within(lengths, extent);
  const found: Samples[] = [];
  for (const length of measured) found.push(await measure(plain, length));
  return {
    title: 'The whole task',
    ratios: [...hourRatios(found), ...memoryRatios(found)],
    tables: [
      { head: HEAD, rows: [...found.flatMap(rowsOf), ...skipped.map((name) => [name, 'not measured'])] },
    ],
    notes: NOTES,
  };
}

async function measure(plain: string, length: Length): Promise<Samples> {
  const call = callOfFragments(fragmentsOf(length.seconds));
  const ours: Sample[] = [];
  const theirs: Sample[] = [];
  for (let run = 0; run < length.runs; run += 1) {
    const sample = await runTask(call);
    ours.push(sample);
    if (length.name !== EIGHT_HOURS.name) theirs.push(await runPlain(plain, call, sample.pieces));
  }
  return { length, ours, theirs };
}

const of = (samples: readonly Sample[], pick: (sample: Sample) => number) => median(samples.map(pick));
const timesLive = ({ seconds }: Length, samples: readonly Sample[]) =>
  seconds / of(samples, ({ storedAfterSeconds }) => storedAfterSeconds);

function rowsOf({ length, ours, theirs }: Samples): string[][] {
  const hours = length.seconds / 3_600;
  return (
    [
      ['callspool', ours],
      ['plain program', theirs],
    ] as const
  ).map(([name, samples]) => {
    if (samples.length === 0) return [length.name, name, 'not measured'];
    return [
      length.name,
      name,
      (of(samples, ({ cpuSeconds }) => cpuSeconds) / hours).toFixed(2),
      of(samples, ({ peakMb }) => peakMb).toFixed(0),
      `${String(Math.round(timesLive(length, samples)))}×`,
      String(ours[0]?.pieces ?? 0),
      String(samples.length),
    ];
  });
}

function hourRatios(found: readonly Samples[]): Ratio[] {
  const hour = found.find(({ length }) => length.name === HOUR.name);
  if (!hour) return [];
  const { length, ours, theirs } = hour;
  const cpu = ours.map((sample, run) => sample.cpuSeconds / (theirs[run]?.cpuSeconds ?? NaN));
  const slower = ours.map(
    (sample, run) => sample.storedAfterSeconds / (theirs[run]?.storedAfterSeconds ?? NaN),
  );
  return [
    {
      name: 'CPU of the plain program',
      value: rounded(median(cpu)),
      better: 'less',
      target: 2,
      guarded: true,
    },
    {
      name: 'catching up: times live',
      value: Math.round(timesLive(length, ours)),
      better: 'more',
      target: 500,
    },
    {
      name: 'catching up: time of the plain program',
      value: rounded(median(slower)),
      better: 'less',
      guarded: true,
    },
    {
      name: 'peak RSS, MB, 1 h',
      value: Math.round(of(ours, ({ peakMb }) => peakMb)),
      better: 'less',
      target: 110,
      guarded: true,
    },
  ];
}

function memoryRatios(found: readonly Samples[]): Ratio[] {
  const peak = (name: string) => {
    const samples = found.find(({ length }) => length.name === name)?.ours;
    return samples && of(samples, ({ peakMb }) => peakMb);
  };
  const [ten, eight] = [peak(TEN_MINUTES.name), peak(EIGHT_HOURS.name)];
  if (ten === undefined || eight === undefined) return [];
  const longest = Math.max(...found.map(({ length }) => peak(length.name) ?? NaN));
  return [
    { name: 'peak RSS, MB, any length', value: Math.round(longest), better: 'less', target: 110 },
    {
      name: 'MB that eight hours take beyond ten minutes',
      value: Math.round(eight - ten),
      better: 'less',
      target: 10,
    },
  ];
}

const HEAD = ['call', 'program', 'CPU s per call-hour', 'peak RSS, MB', 'times live', 'pieces', 'runs'];
const NOTES = [
  '`dist/task/index.mjs` in a process of its own, the stand-ins in another, the whole call waiting in the stream, segments of 10 s. The task’s process never holds the body: it comes over a socket.',
  'CPU is of the whole process from start to exit, so that short calls carry the start; “times live” is from process start to the last tape object stored. How fast the stand-ins serve bounds it too: the plain program shows what they give.',
  'The plain program opens the same GetMedia session, cuts the body into pieces of the same size without reading it, puts each to S3 and notes it in DynamoDB by the same SDK clients; it claims, checks, decodes, hashes and reopens nothing.',
  'Both programs catch up, which is when a task takes most memory; at live pace see “Freshness” and “Many at once”.',
];

async function runTask(call: Call): Promise<Sample> {
  const world = await startWorld({ drop: true });
  try {
    fill(world, call);
    await register(world, call, true);
    const run = runProgram(join(ROOT, 'dist/task/index.mjs'), {
      env: { ...world.environment('task', SETTINGS), ...runVariables(call) },
    });
    return sampleOf(world, run.startedAtMs, await run.finished, bytesOf(call.fragments));
  } finally {
    await world.close();
  }
}

async function runPlain(program: string, call: Call, pieces: number): Promise<Sample> {
  const world = await startWorld({ drop: true });
  try {
    fill(world, call);
    const totalBytes = bytesOf(call.fragments);
    const run = runProgram(program, {
      env: {
        ...world.environment('task'),
        STREAM_ARN,
        STARTED_AT: new Date(call.startedAtMs).toISOString(),
        BUCKET,
        TABLE: world.tables.checkpoints,
        PIECE_BYTES: String(Math.ceil(totalBytes / pieces)),
        TOTAL_BYTES: String(totalBytes),
      },
    });
    return sampleOf(world, run.startedAtMs, await run.finished, totalBytes);
  } finally {
    await world.close();
  }
}

function fill(world: BenchWorld, { fragments }: Call): void {
  for (const fragment of fragments) world.stream.put(fragment);
}

/** @throws when the program failed, or didn't store the whole body. */
function sampleOf(world: BenchWorld, startedAtMs: number, finished: Finished, totalBytes: number): Sample {
  if (finished.exitCode !== 0)
    throw new Error(`exit ${String(finished.exitCode)}: ${finished.stdout.slice(-2000)}`);
  const stored = world.store.bytesIn();
  if (stored !== totalBytes) throw new Error(`${String(stored)} bytes stored of ${String(totalBytes)}`);
  const last = world.store.puts.at(-1)?.storedAtMs ?? NaN;
  return { ...finished, storedAfterSeconds: (last - startedAtMs) / 1000, pieces: world.store.puts.length };
}
