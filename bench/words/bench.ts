/** Words in the recorder’s task: how soon they stand there in its share of a CPU, what they take, and what that costs. */
import { buildAll } from '../../build.ts';
import { SAVE_EVERY_MS } from '../../live/kept-states.ts';
import { whatIsMissing } from '../../live/sinks/recognise/own-program.ts';
import { LIVE_TASK_SIZE, TASK_SIZE } from '../requests/cost.ts';
import { readPrices } from '../requests/prices.ts';
import type { Extent } from '../support/options.ts';
import type { Measured, Ratio, Table } from '../support/results.ts';
import { median, percentile, rounded } from '../support/statistics.ts';
import { measureWords, type WordsMeasurement } from './measure.ts';

/** Folders, or names of models that this machine has, separated by commas. */
const MODELS = 'CALLSPOOL_BENCH_MODELS';
const DEFAULT_MODEL = 'tiny.en';
/** All that starts has started, and has caught up with what was said meanwhile. */
const WARM_SECONDS = 60;
const WINDOW_SECONDS = 128;
const SHORT_SECONDS = 32;
const TARGET_MS = 5_000;
const TARGET_USD = 0.004;
const SECONDS_PER_HOUR = 3_600;

export async function benchWords({ secondsMax }: Extent): Promise<Measured> {
  const missing = await whatIsMissing(process.env);
  if (missing !== undefined) throw new Error(missing);
  await buildAll();
  const windowSeconds = secondsMax < Infinity ? SHORT_SECONDS : WINDOW_SECONDS;
  const plan = { vcpu: LIVE_TASK_SIZE.vcpu, warmSeconds: WARM_SECONDS, windowSeconds };
  const models = (process.env[MODELS] ?? DEFAULT_MODEL).split(',').map((name) => name.trim());
  const plain = await measureWords({ ...plan, model: undefined });
  const rows: [string, WordsMeasurement][] = [];
  for (const model of models) rows.push([model, await measureWords({ ...plan, model })]);
  return {
    title: 'Words',
    ratios: rows.flatMap(([model, one]) => ratiosOf(model, one)),
    tables: [tableOf([['nothing', plain], ...rows]), costTable()],
    notes: [
      `The sample call over and over, at live pace; recorder, listener and recogniser (one thread) have ${String(plan.vcpu)} of a CPU together${plain.isLimited ? ', by a cgroup of the kernel’s' : '**, but that no limit could be set here: nothing held them back**'}. x86; of Graviton this says nothing. Watched for ${String(windowSeconds)} s, once all has started and caught up (${String(WARM_SECONDS)} s).`,
      'From the end of an utterance, as its row tells it, to the row being seen in the table, which is looked at ten times a second. An utterance is over when nobody has spoken for 0.6 s.',
      'Memory: the most that each process held by itself, and its libraries with it. Behind: how late the recorder had a fragment at most, from its start on.',
      `Models: ${models.join(', ')}, of those that are on this machine. Others: \`${MODELS}=FOLDER,… npm run bench -- words\`.`,
      'The price is what the larger task costs more on Fargate, On-Demand, ARM64: a share of a CPU that is there anyway costs nothing. Beside it, rows at 20 a minute, and where the listener goes on, every half a minute; `npm run bench -- requests` counts all of it.',
    ],
  };
}

function ratiosOf(model: string, { latenciesMs, recogniser }: WordsMeasurement): Ratio[] {
  const more = costs().words;
  return [
    {
      name: `${model}: ms from an utterance’s end to its row, at most`,
      value: rounded(Math.max(...latenciesMs)),
      better: 'less',
      target: TARGET_MS,
    },
    {
      name: `${model}: CPU s a call-hour`,
      value: rounded((recogniser?.cpu ?? NaN) * SECONDS_PER_HOUR),
      better: 'less',
    },
    { name: 'USD a call-hour more than recording', value: rounded(more), better: 'less', target: TARGET_USD },
  ];
}

function tableOf(rows: readonly (readonly [string, WordsMeasurement])[]): Table {
  const perHour = (cpu: number | undefined) =>
    cpu === undefined ? '–' : (cpu * SECONDS_PER_HOUR).toFixed(0);
  return {
    head: [
      'model',
      'ms to the row, median',
      '95 %',
      'most',
      'rows',
      'recogniser, CPU s a call-hour',
      'to begin, CPU s',
      'recogniser, MB',
      'listener, CPU s a call-hour',
      'recorder',
      'recorder behind, ms at most',
      'fragments lost',
    ],
    rows: rows.map(([model, one]) => {
      const { latenciesMs } = one;
      const ms = (value: number) => (latenciesMs.length === 0 ? '–' : value.toFixed(0));
      return [
        model,
        ms(median(latenciesMs)),
        ms(percentile(latenciesMs, 0.95)),
        ms(Math.max(...latenciesMs)),
        String(latenciesMs.length),
        perHour(one.recogniser?.cpu),
        one.recogniser === undefined ? '–' : one.recogniserWarmCpu.toFixed(1),
        one.recogniser?.mb.toFixed(0) ?? '–',
        perHour(one.listener?.cpu),
        perHour(one.recorder.cpu),
        one.maxBehindMs.toFixed(0),
        String(one.lost),
      ];
    }),
  };
}

/** USD a call-hour, beside recording. */
function costs(): { readonly words: number; readonly transcribe: number } {
  const { prices, assumed } = readPrices();
  const { fargateArm, dynamoDb, s3, transcribe } = prices;
  const rows = (assumed.rowsPerMinute * 60 * dynamoDb.millionWriteUnits) / 1e6;
  const states = ((SECONDS_PER_HOUR * 1_000) / SAVE_EVERY_MS) * (s3.thousandPuts / 1_000);
  const words = (LIVE_TASK_SIZE.gb - TASK_SIZE.gb) * fargateArm.gbHour + rows + states;
  return { words, transcribe: words + 60 * transcribe.streamedMinute };
}

function costTable(): Table {
  const { words, transcribe } = costs();
  const usd = (value: number) => value.toFixed(4);
  return {
    head: ['what writes it down', 'USD a call-hour more than recording', ''],
    rows: [
      [
        'a recogniser in the task',
        usd(words),
        `${String(LIVE_TASK_SIZE.gb)} GB in place of ${String(TASK_SIZE.gb)}`,
      ],
      ['Amazon Transcribe streaming', usd(transcribe), `${(transcribe / words).toFixed(0)} times as much`],
    ],
  };
}
