/** The whole task, from GetMedia body to tape and checkpoint, beside a plain program that pipes the same body. */
import { join } from 'node:path';
import { buildAll } from '../../build.ts';
import { STREAM_ARN } from '../../local/deployment.ts';
import { bytesOf, fragmentsOf } from '../support/call.ts';
import { buildProgram, type Finished, ROOT, runProgram } from '../support/program.ts';
import type { Measured, Ratio } from '../support/results.ts';
import { median, rounded } from '../support/statistics.ts';
import {
  BUCKET,
  type Call,
  callOfFragments,
  register,
  runVariables,
  startWorld,
  type World,
} from '../support/world.ts';

export interface TaskOptions {
  readonly runs: number;
  readonly lengths: readonly Length[];
}

interface Length {
  readonly name: string;
  readonly seconds: number;
  readonly runs?: number;
}

const TEN_MINUTES: Length = { name: '10 min', seconds: 600 };
const HOUR: Length = { name: '1 h', seconds: 3_600 };
const EIGHT_HOURS: Length = { name: '8 h', seconds: 28_800, runs: 1 };

export const FULL: TaskOptions = { runs: 5, lengths: [TEN_MINUTES, HOUR, EIGHT_HOURS] };
export const GUARD: TaskOptions = { runs: 5, lengths: [HOUR] };

interface Sample extends Finished {
  /** From the process's start to the last piece stored. */
  readonly storedAfterSeconds: number;
  readonly pieces: number;
}

const SETTINGS = { graceSeconds: 0.2, segmentSeconds: 10 };

export async function benchTask({ runs, lengths }: TaskOptions): Promise<Measured> {
  await buildAll();
  const plain = await buildProgram('task/plain.ts');
  const rows: string[][] = [];
  const ratios: Ratio[] = [];
  const peaks = new Map<string, number>();
  for (const length of lengths) {
    const call = callOfFragments(fragmentsOf(length.seconds));
    const ours: Sample[] = [];
    const theirs: Sample[] = [];
    for (let run = 0; run < (length.runs ?? runs); run += 1) {
      const sample = await runTask(call);
      ours.push(sample);
      theirs.push(await runPlain(plain, call, sample.pieces));
    }
    const hours = length.seconds / 3_600;
    const of = (samples: Sample[], pick: (sample: Sample) => number) => median(samples.map(pick));
    for (const [name, samples] of [
      ['callspool', ours],
      ['plain program', theirs],
    ] as const) {
      rows.push([
        length.name,
        name,
        (of(samples, ({ cpuSeconds }) => cpuSeconds) / hours).toFixed(2),
        of(samples, ({ peakMb }) => peakMb).toFixed(0),
        `${String(Math.round(length.seconds / of(samples, ({ storedAfterSeconds }) => storedAfterSeconds)))}×`,
        String(ours[0]?.pieces ?? 0),
        String(samples.length),
      ]);
    }
    peaks.set(
      length.name,
      of(ours, ({ peakMb }) => peakMb),
    );
    if (length.name !== HOUR.name) continue;
    const cpu = ours.map((sample, index) => sample.cpuSeconds / (theirs[index]?.cpuSeconds ?? NaN));
    ratios.push(
      {
        name: 'CPU of the plain program',
        value: rounded(median(cpu)),
        better: 'less',
        target: 2,
        guarded: true,
      },
      {
        name: 'catching up: times live',
        value: Math.round(length.seconds / of(ours, ({ storedAfterSeconds }) => storedAfterSeconds)),
        better: 'more',
        target: 500,
      },
    );
  }
  const longest = Math.max(...peaks.values());
  ratios.push({ name: 'peak RSS, MB, any length', value: Math.round(longest), better: 'less', target: 110 });
  const [ten, eight] = [peaks.get(TEN_MINUTES.name), peaks.get(EIGHT_HOURS.name)];
  if (ten !== undefined && eight !== undefined)
    ratios.push({
      name: 'MB that eight hours take beyond ten minutes',
      value: Math.round(eight - ten),
      better: 'less',
    });
  return { title: 'The whole task', ratios, tables: [{ head: HEAD, rows }], notes: NOTES };
}

const HEAD = ['call', 'program', 'CPU s per call-hour', 'peak RSS, MB', 'times live', 'pieces', 'runs'];
const NOTES = [
  '`dist/task/index.mjs` in a process of its own, the stand-ins in another, the whole call waiting in the stream, segments of 10 s.',
  'CPU is of the whole process from start to exit, so that short calls carry the start; “times live” is from process start to the last tape object stored.',
  'The plain program opens the same GetMedia session, cuts the body into pieces of the same size without reading it, puts each to S3 and notes it in DynamoDB by the same SDK clients; it claims, checks, decodes, hashes and reopens nothing.',
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

function fill(world: World, { fragments }: Call): void {
  for (const fragment of fragments) world.stream.put(fragment);
}

/** @throws when the program failed, or didn't store the whole body. */
function sampleOf(world: World, startedAtMs: number, finished: Finished, totalBytes: number): Sample {
  if (finished.exitCode !== 0)
    throw new Error(`exit ${String(finished.exitCode)}: ${finished.stdout.slice(-2000)}`);
  const stored = world.store.bytesIn();
  if (stored !== totalBytes) throw new Error(`${String(stored)} bytes stored of ${String(totalBytes)}`);
  const last = world.store.puts.at(-1)?.storedAtMs ?? NaN;
  return { ...finished, storedAfterSeconds: (last - startedAtMs) / 1000, pieces: world.store.puts.length };
}
