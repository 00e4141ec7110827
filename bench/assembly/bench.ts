/** The assembly, tape → WAV, beside a plain copy of the tape's bytes. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { buildAll } from '../../build.ts';
import { INSTANCE_ARN } from '../../local/connect-events.ts';
import { STREAM_ARN } from '../../local/deployment.ts';
import { NO_COUNTS } from '../../recording/checkpoint.ts';
import { recordingId } from '../../recording/identity.ts';
import { tapeKey, tapePrefix } from '../../recording/keys.ts';
import { seal } from '../../recording/seal.ts';
import { fragmentsOf } from '../support/call.ts';
import { buildProgram, type Finished, ROOT, runProgram } from '../support/program.ts';
import type { Measured, Ratio } from '../support/results.ts';
import { median, rounded } from '../support/statistics.ts';
import {
  BUCKET,
  type Call,
  callOfFragments,
  EXECUTION_ARN,
  register,
  startWorld,
  type World,
} from '../support/world.ts';

interface Length {
  readonly name: string;
  readonly seconds: number;
  readonly runs: number;
}

const HOUR: Length = { name: '1 h', seconds: 3_600, runs: 5 };
export const FULL: readonly Length[] = [
  { name: '10 min', seconds: 600, runs: 5 },
  HOUR,
  { name: '8 h', seconds: 28_800, runs: 1 },
];
export const GUARD: readonly Length[] = [HOUR];
/** Fragments of about a second. */
const FRAGMENTS_PER_OBJECT = 10;

const told = v.object({ seconds: v.number(), answer: v.exactOptional(v.object({ status: v.string() })) });

interface Sample {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

export async function benchAssembly(lengths: readonly Length[]): Promise<Measured> {
  await buildAll();
  const [invoke, copy] = [await buildProgram('assembly/invoke.ts'), await buildProgram('assembly/copy.ts')];
  const rows: string[][] = [];
  const ratios: Ratio[] = [];
  const peaks: number[] = [];
  for (const length of lengths) {
    const { ours, theirs } = await measure(invoke, copy, length);
    const of = (samples: readonly Sample[], pick: (sample: Sample) => number) => median(samples.map(pick));
    for (const [name, samples] of [
      ['callspool', ours],
      ['plain copy', theirs],
    ] as const) {
      rows.push([
        length.name,
        name,
        of(samples, ({ seconds }) => seconds).toFixed(2),
        of(samples, ({ cpuSeconds }) => cpuSeconds).toFixed(2),
        of(samples, ({ peakMb }) => peakMb).toFixed(0),
        String(samples.length),
      ]);
    }
    peaks.push(of(ours, ({ peakMb }) => peakMb));
    const times = ours.map(({ seconds }, index) => seconds / (theirs[index]?.seconds ?? NaN));
    const cpu = ours.map(({ cpuSeconds }, index) => cpuSeconds / (theirs[index]?.cpuSeconds ?? NaN));
    const guarded = length.name === HOUR.name;
    ratios.push(
      {
        name: `time of a plain copy, ${length.name}`,
        value: rounded(median(times)),
        better: 'less',
        target: 1.5,
        ...(guarded && { guarded }),
      },
      {
        name: `CPU of a plain copy, ${length.name}`,
        value: rounded(median(cpu)),
        better: 'less',
        ...(guarded && { guarded }),
      },
    );
  }
  ratios.push({
    name: 'peak RSS, MB, any length',
    value: Math.round(Math.max(...peaks)),
    better: 'less',
    target: 200,
  });
  return {
    title: 'Assembly',
    ratios,
    tables: [{ head: ['call', 'program', 's', 'CPU s, whole process', 'peak RSS, MB', 'runs'], rows }],
    notes: [
      'Time is of the handler alone, from its invocation to its answer; of the copy, from its first request to its last. Each in a process of its own; the store answers from the memory of a third.',
      'The assembly also lists the stream’s fragments as a witness, and writes the record, which the copy doesn’t. The WAV is 3 % smaller than the tape.',
    ],
  };
}

async function measure(invoke: string, copy: string, { seconds, runs }: Length) {
  const world = await startWorld();
  try {
    const call = callOfFragments(fragmentsOf(seconds));
    await fillTape(world, call);
    const event = JSON.stringify({
      recordingId: recordingId(call.recording),
      contactId: call.recording.contactId,
      startFragmentNumber: call.recording.startFragmentNumber.toString(),
      streamArn: STREAM_ARN,
      startedAt: new Date(call.startedAtMs).toISOString(),
      instanceArn: INSTANCE_ARN,
      executionArn: EXECUTION_ARN,
    });
    const ours: Sample[] = [];
    const theirs: Sample[] = [];
    const env = world.environment('assemble');
    for (let run = 0; run < runs; run += 1) {
      const args = [join(ROOT, 'dist/functions/assemble/index.mjs'), event];
      ours.push(sampleOf(await runProgram(invoke, { args, env }).finished, 'COMPLETE'));
      const copyEnv = { ...env, BUCKET, PREFIX: tapePrefix(call.recording) };
      theirs.push(sampleOf(await runProgram(copy, { env: copyEnv }).finished));
    }
    return { ours, theirs };
  } finally {
    await world.close();
  }
}

async function fillTape(world: World, call: Call): Promise<void> {
  const { fragments, recording } = call;
  for (const fragment of fragments) world.stream.put(fragment);
  for (let from = 0; from < fragments.length; from += FRAGMENTS_PER_OBJECT) {
    const run = fragments.slice(from, from + FRAGMENTS_PER_OBJECT);
    const bytes = Buffer.concat(run.map(({ document }) => document));
    const [first, last] = [run[0]?.number ?? 0n, run.at(-1)?.number ?? 0n];
    world.store.objects.set(tapeKey(recording, { first, last, uuid: seal(randomUUID(), bytes) }), bytes);
  }
  await register(world, call, true);
  const result = await world.checkpoints.claim(recordingId(recording), EXECUTION_ARN);
  if (!result.claimed) throw new Error('the recording can’t be claimed');
  const counters = { ...NO_COUNTS, fragments: fragments.length };
  const ended = { reason: 'DISCONNECTED', at: new Date().toISOString() } as const;
  await world.checkpoints.end(result.claim, { counters, losses: [] }, ended);
}

function sampleOf({ exitCode, stdout, stderr, cpuSeconds, peakMb }: Finished, status?: string): Sample {
  if (exitCode !== 0)
    throw new Error(`exit ${String(exitCode)}: ${stderr.slice(-2000)}${stdout.slice(-2000)}`);
  const { seconds, answer } = v.parse(told, JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  if (answer?.status !== status) throw new Error(`the status is ${String(answer?.status)}`);
  return { seconds, cpuSeconds, peakMb };
}
