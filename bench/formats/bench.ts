/** What a further file format costs: an hour of speech assembled with it and without, in turns. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAll } from '../../build.ts';
import { ASSEMBLE_VARIABLES } from '../../contract/variables.ts';
import { readWav } from '../../local/run/wav-input.ts';
import { produceCall } from '../../local/standins/kinesis-video/producer.ts';
import { FURTHER_FORMAT_NAMES, FURTHER_FORMATS } from '../../recording/audio/files/formats.ts';
import type { FileFormat } from '../../recording/audio/format/format.ts';
import { WAV } from '../../recording/audio/format/wav/wav.ts';
import { isStored } from '../../recording/further-files.ts';
import { eventOf, fillTape, NOTHING, type Sample, sampleOf } from '../assembly/bench.ts';
import { CONTACT_ID } from '../support/call.ts';
import type { Extent } from '../support/options.ts';
import { buildProgram, ROOT, runProgram } from '../support/program.ts';
import type { Measured, Ratio } from '../support/results.ts';
import { median, rounded } from '../support/statistics.ts';
import { type BenchWorld, type Call, callOfFragments, startWorld } from '../support/world.ts';

const RUNS = 5;
const SECONDS = 3_600;

interface Way {
  readonly title: string;
  readonly formats: readonly FileFormat[];
  readonly variables: Readonly<Record<string, string>>;
}

const PLAIN: Way = { title: WAV.title, formats: [WAV], variables: {} };
const WAYS: readonly Way[] = [
  PLAIN,
  ...FURTHER_FORMAT_NAMES.map((name) => ({
    title: `${WAV.title} and ${FURTHER_FORMATS[name].title}`,
    formats: [WAV, FURTHER_FORMATS[name]],
    variables: { [ASSEMBLE_VARIABLES[name]]: 'true' },
  })),
];

export async function benchFormats({ runsMax }: Extent): Promise<Measured> {
  await buildAll();
  const invoke = await buildProgram('assembly/invoke.ts');
  const world = await startWorld();
  try {
    const call = hourOfSpeech();
    await fillTape(world, call);
    const samples = new Map<Way, Sample[]>(WAYS.map((way) => [way, []]));
    for (let run = 0; run < Math.min(RUNS, runsMax); run += 1)
      for (const [way, found] of samples) found.push(await assembled(invoke, world, call, way));
    return report(samples, await sizesOf(world, call));
  } finally {
    await world.close();
  }
}

/** The sample call, over and over; of today, as calls are that are assembled. */
function hourOfSpeech(): Call {
  const { channels, sampleRate } = readWav(readFileSync(join(ROOT, 'local/sample/call.wav')));
  const hour = channels.map((samples) => {
    const all = new Int16Array(SECONDS * sampleRate);
    for (let at = 0; at < all.length; at += samples.length) all.set(samples.subarray(0, all.length - at), at);
    return all;
  });
  const startedAtMs = Date.now() - SECONDS * 1_000;
  return callOfFragments(
    produceCall({
      channels: hour,
      sampleRate,
      contactId: CONTACT_ID,
      startedAtMs,
      firstSequence: startedAtMs,
    }),
  );
}

async function assembled(invoke: string, world: BenchWorld, call: Call, { variables }: Way): Promise<Sample> {
  const args = [join(ROOT, 'dist/functions/assemble/index.mjs'), eventOf(call)];
  const env = { ...world.environment('assemble'), ...variables };
  return sampleOf(await runProgram(invoke, { args, env }).finished, 'COMPLETE');
}

/** The files' sizes by the record of the last assembly, in bytes by format. */
async function sizesOf({ calls }: BenchWorld, { recording }: Call): Promise<ReadonlyMap<string, number>> {
  const { audio, files = [] } = (await calls.get(recording)) ?? {};
  return new Map([
    [WAV.name, audio?.bytes ?? NaN],
    ...files.filter(isStored).map(({ format, bytes }) => [format, bytes] as const),
  ]);
}

type Samples = ReadonlyMap<Way, readonly Sample[]>;

function report(samples: Samples, sizes: ReadonlyMap<string, number>): Measured {
  const rows = [...samples].map(([{ title, formats }, found]) => [
    title,
    median(found.map(({ seconds }) => seconds)).toFixed(2),
    median(found.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2),
    median(found.map(({ peakMb }) => peakMb)).toFixed(0),
    formats.map((format) => `${((sizes.get(format.name) ?? NaN) / 1e6).toFixed(1)} MB`).join(' and '),
    String(found.length),
  ]);
  return {
    title: 'Further file formats',
    ratios: WAYS.filter((way) => way !== PLAIN).flatMap((way) => ratiosOf(way, samples, sizes)),
    tables: [{ head: ['an hour as', 's', 'CPU s, whole process', 'peak RSS, MB', 'size', 'runs'], rows }],
    notes: [
      'The hour is the sample call (synthesised speech, 8 kHz, one side speaking at a time), over and over; assembled in turns with and without, each in a process of its own. Ratios are of the two that follow each other.',
    ],
  };
}

function ratiosOf(way: Way, samples: Samples, sizes: ReadonlyMap<string, number>): Ratio[] {
  const plain = samples.get(PLAIN) ?? [];
  const found = samples.get(way) ?? [];
  const paired = (pick: (sample: Sample) => number) =>
    rounded(median(found.map((sample, run) => pick(sample) / pick(plain[run] ?? NOTHING))));
  const [, format] = way.formats;
  return [
    {
      name: `CPU of a WAV alone: ${way.title}`,
      value: paired(({ cpuSeconds }) => cpuSeconds),
      better: 'less',
    },
    { name: `time of a WAV alone: ${way.title}`, value: paired(({ seconds }) => seconds), better: 'less' },
    ...(format === undefined
      ? []
      : [
          {
            name: `size of the WAV: ${format.title}`,
            value: rounded((sizes.get(format.name) ?? NaN) / (sizes.get(WAV.name) ?? NaN)),
            better: 'less' as const,
          },
        ]),
  ];
}
