/** The assembly, tape → WAV, beside a plain copy of the tape's bytes. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { buildAll } from '../../build.ts';
import { INSTANCE_ARN } from '../../local/standins/connect-events.ts';
import { STREAM_ARN } from '../../local/system/deployment.ts';
import { NO_COUNTS } from '../../recording/checkpoint.ts';
import { recordingId } from '../../recording/identity.ts';
import { tapeKey, tapePrefix } from '../../recording/tape/keys.ts';
import { seal } from '../../recording/tape/seal.ts';
import { fragmentsOf } from '../support/call.ts';
import { type Extent, type Length, WHOLE, within } from '../support/options.ts';
import { buildProgram, type Finished, ROOT, runProgram } from '../support/program.ts';
import type { Measured, Ratio } from '../support/results.ts';
import { median, rounded } from '../support/statistics.ts';
import {
  type BenchWorld,
  BUCKET,
  type Call,
  callOfFragments,
  EXECUTION_ARN,
  register,
  startWorld,
} from '../support/world.ts';

const HOUR: Length = { name: '1 h', seconds: 3_600, runs: 5 };
/** Next to no audio: what any assembly takes. */
const LEAST: Length = { name: '10 s', seconds: 10, runs: 7 };
export const FULL: readonly Length[] = [
  LEAST,
  { name: '10 min', seconds: 600, runs: 5 },
  HOUR,
  { name: '8 h', seconds: 28_800, runs: 5 },
];
export const GUARD: readonly Length[] = [{ ...HOUR, runs: 3 }];
/** Times a plain copy takes. What an assembly takes besides weighs more in a short call. */
const TARGETS = { short: 1.5, long: 1.3 } as const;
/** Fragments of about a second. */
const FRAGMENTS_PER_OBJECT = 10;

const told = v.object({ seconds: v.number(), answer: v.exactOptional(v.object({ status: v.string() })) });

export interface Sample {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

interface Samples {
  readonly length: Length;
  readonly ours: readonly Sample[];
  readonly theirs: readonly Sample[];
}

export async function benchAssembly(lengths: readonly Length[], extent: Extent = WHOLE): Promise<Measured> {
  await buildAll();
  const [invoke, copy] = [await buildProgram('assembly/invoke.ts'), await buildProgram('assembly/copy.ts')];
  const { measured, skipped } = within(lengths, extent);
  const found: Samples[] = [];
  for (const length of measured) found.push({ length, ...(await measure(invoke, copy, length)) });
  const peak = Math.max(...found.map(({ ours }) => of(ours, ({ peakMb }) => peakMb)));
  return {
    title: 'Assembly',
    ratios: [
      ...found.filter(({ length }) => length.name !== LEAST.name).flatMap(ratiosOf),
      { name: 'peak RSS, MB, any length', value: Math.round(peak), better: 'less', target: 200 },
    ],
    tables: [
      {
        head: ['call', 'program', 's', 'CPU s, whole process', 'peak RSS, MB', 'runs'],
        rows: [...found.flatMap(rowsOf), ...skipped.map((name) => [name, 'not measured'])],
      },
    ],
    notes: [
      'Time is of the handler alone, from its invocation to its answer; of the copy, from its first request to its last. Each in a process of its own; the store answers from the memory of a third.',
      'The assembly also claims the call, asks Connect, lists the stream’s fragments as a witness, writes the record and announces it: about a dozen requests, half of them the first of their client, of which the copy makes none. The call of ten seconds shows what they take. The WAV is 3 % smaller than the tape.',
      'The store gives each object’s CRC-32, as S3 does. The copy’s client compares it, as the SDK does by default; the assembly compares the object’s seal, a SHA-256.',
      'Peak RSS is of the whole process, Node.js and the AWS clients included. What was to be reached was set on Node.js 20, with parts of 5 MiB; Node.js 24 takes some 30 MB more, and parts of 10 MiB as much again. The deployed function has 1,024 MB, for the CPU that comes with them.',
    ],
  };
}

const of = (samples: readonly Sample[], pick: (sample: Sample) => number) => median(samples.map(pick));

function rowsOf({ length, ours, theirs }: Samples): string[][] {
  return (
    [
      ['callspool', ours],
      ['plain copy', theirs],
    ] as const
  ).map(([name, samples]) => [
    length.name,
    name,
    of(samples, ({ seconds }) => seconds).toFixed(2),
    of(samples, ({ cpuSeconds }) => cpuSeconds).toFixed(2),
    of(samples, ({ peakMb }) => peakMb).toFixed(0),
    String(samples.length),
  ]);
}

function ratiosOf({ length, ours, theirs }: Samples): Ratio[] {
  const paired = (pick: (sample: Sample) => number) =>
    rounded(median(ours.map((sample, run) => pick(sample) / pick(theirs[run] ?? NOTHING))));
  const guarded = length.name === HOUR.name;
  return [
    {
      name: `time of a plain copy, ${length.name}`,
      value: paired(({ seconds }) => seconds),
      better: 'less',
      target: length.seconds < HOUR.seconds ? TARGETS.short : TARGETS.long,
      ...(guarded && { guarded }),
    },
    {
      name: `CPU of a plain copy, ${length.name}`,
      value: paired(({ cpuSeconds }) => cpuSeconds),
      better: 'less',
      ...(guarded && { guarded }),
    },
    ...(guarded
      ? [
          {
            name: `peak RSS, MB, ${length.name}`,
            value: Math.round(of(ours, ({ peakMb }) => peakMb)),
            better: 'less' as const,
            guarded,
          },
        ]
      : []),
  ];
}

export const NOTHING: Sample = { seconds: NaN, cpuSeconds: NaN, peakMb: NaN };

/** One assembly of a call, by itself. @param fragmentsPerObject fragments are of about a second */
export async function assembleOnce(seconds: number, fragmentsPerObject: number): Promise<Sample> {
  const length = { name: '', seconds, runs: 1 };
  const invoke = await buildProgram('assembly/invoke.ts');
  const { ours } = await measure(invoke, undefined, length, fragmentsPerObject);
  return ours[0] ?? NOTHING;
}

async function measure(
  invoke: string,
  copy: string | undefined,
  { seconds, runs }: Length,
  fragmentsPerObject = FRAGMENTS_PER_OBJECT,
) {
  const world = await startWorld();
  try {
    // Of today, as calls are that are assembled: what is new is listed last.
    const call = callOfFragments(fragmentsOf(seconds, { startedAtMs: Date.now() - seconds * 1000 }));
    await fillTape(world, call, fragmentsPerObject);
    const event = eventOf(call);
    const ours: Sample[] = [];
    const theirs: Sample[] = [];
    const env = world.environment('assemble');
    for (let run = 0; run < runs; run += 1) {
      const args = [join(ROOT, 'dist/functions/assemble/index.mjs'), event];
      ours.push(sampleOf(await runProgram(invoke, { args, env }).finished, 'COMPLETE'));
      if (copy === undefined) continue;
      const copyEnv = { ...env, BUCKET, PREFIX: tapePrefix(call.recording) };
      theirs.push(sampleOf(await runProgram(copy, { env: copyEnv }).finished));
    }
    return { ours, theirs };
  } finally {
    await world.close();
  }
}

/** What invokes the assembly. */
export function eventOf({ recording, startedAtMs }: Call): string {
  return JSON.stringify({
    recordingId: recordingId(recording),
    contactId: recording.contactId,
    startFragmentNumber: recording.startFragmentNumber.toString(),
    streamArn: STREAM_ARN,
    startedAt: new Date(startedAtMs).toISOString(),
    instanceArn: INSTANCE_ARN,
    executionArn: EXECUTION_ARN,
  });
}

export async function fillTape(
  world: BenchWorld,
  call: Call,
  fragmentsPerObject = FRAGMENTS_PER_OBJECT,
): Promise<void> {
  const { fragments, recording } = call;
  for (const fragment of fragments) world.stream.put(fragment);
  for (let from = 0; from < fragments.length; from += fragmentsPerObject) {
    const run = fragments.slice(from, from + fragmentsPerObject);
    const bytes = Buffer.concat(run.map(({ document }) => document));
    const [first, last] = [run[0]?.number ?? 0n, run.at(-1)?.number ?? 0n];
    world.store.objects.set(tapeKey(recording, { first, last, uuid: seal(randomUUID(), bytes) }), bytes);
  }
  await register(world, call, true);
  const result = await world.checkpoints.claim(recordingId(recording), EXECUTION_ARN);
  if (!result.claimed) throw new Error('the recording can’t be claimed');
  const counters = { ...NO_COUNTS, fragments: fragments.length };
  const ended = { reason: 'DISCONNECTED', at: new Date().toISOString() } as const;
  const position = { lastFragmentNumber: fragments.at(-1)?.number ?? 0n };
  await world.checkpoints.end(result.claim, { position, counters, losses: [] }, ended);
}

/** @throws where it is not the status that it should be */
export function sampleOf(
  { exitCode, stdout, stderr, cpuSeconds, peakMb }: Finished,
  status?: string,
): Sample {
  if (exitCode !== 0)
    throw new Error(`exit ${String(exitCode)}: ${stderr.slice(-2000)}${stdout.slice(-2000)}`);
  const { seconds, answer } = v.parse(told, JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  if (answer?.status !== status) throw new Error(`the status is ${String(answer?.status)}`);
  return { seconds, cpuSeconds, peakMb };
}
