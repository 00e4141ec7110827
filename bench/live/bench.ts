/** Listening at live pace: how late what was said is given, and what it takes of the recorder and beside it. */
import { buildAll } from '../../build.ts';
import type { Extent } from '../support/options.ts';
import type { Measured, Ratio, Table } from '../support/results.ts';
import { median, percentile, rounded } from '../support/statistics.ts';
import { type LiveMeasurement, measureLive, type Taken } from './measure.ts';

const AT_ONCE = 100;
/** Calls side by side of which one figure is the mean, and as many beside them to which nobody listens: CPU time is counted in hundredths of a second. */
const COMPARED = 8;
/** What is compared differs by little. */
const COMPARED_SECONDS = 180;
const WINDOW_SECONDS = 60;
const LATE_SECONDS = 60;
const TARGET_MS = 150;
/** What the deployed task has by default. */
const RECORDER_CPUS = 0.25;

/** With `--minutes`, few calls and short windows. */
export async function benchLive({ secondsMax }: Extent): Promise<Measured> {
  await buildAll();
  const isShort = secondsMax < Infinity;
  const windowSeconds = isShort ? 12 : WINDOW_SECONDS;
  const listenerAfterSeconds = isShort ? 15 : LATE_SECONDS;
  const compared = isShort ? 2 : COMPARED;
  const atOnce = isShort ? 4 : AT_ONCE;
  const comparedSeconds = isShort ? windowSeconds : COMPARED_SECONDS;
  const socket = await measureLive({
    calls: compared,
    unheard: compared,
    sink: 'socket',
    windowSeconds: comparedSeconds,
  });
  const pieces = await measureLive({ calls: compared, sink: 'pieces', windowSeconds });
  const late = await measureLive({ calls: 1, sink: 'socket', windowSeconds: 5, listenerAfterSeconds });
  const many = await measureLive({ calls: atOnce, sink: 'socket', windowSeconds });
  const rows = [
    rowOf('socket', compared, socket),
    [
      'nobody',
      `${String(compared)} beside these`,
      '–',
      '–',
      '–',
      '0',
      ...takenOf(socket.unheard, undefined),
      '–',
    ],
    rowOf('pieces', compared, pieces),
    rowOf('socket', atOnce, many),
  ];
  return {
    title: 'Live',
    ratios: ratiosOf(socket, pieces, late, many, atOnce),
    tables: [tableOf(rows)],
    notes: [
      `At live pace, both sides flowing, segments of 10 s; recorders and listeners in processes of their own, the stand-ins, the calls and whoever listens in one other. Watched for ${String(windowSeconds)} s (the first two rows, at the same time: ${String(comparedSeconds)} s), once code is compiled.`,
      '`socket`: from a fragment’s last byte at the stream to its last sample at whoever is connected. `pieces`: from the last byte of the fragment that ends a second to that second’s piece being stored; the stand-in answers at once.',
      'Memory: RSS, each process by itself; beside the listener’s there is that of its small parent. CPU of the listener is of both.',
      'What a recorder takes more is a write a second to a socket, and waking who reads there. At live pace a recorder sleeps nearly always, and all that it does then it does with cold caches: so it is much of little, hence its share of what a task has.',
      `Catching up: a listener that comes ${String(listenerAfterSeconds)} s after the call has begun, from its first message until it is less than 2.5 s behind what is said.`,
    ],
  };
}

const NOTHING: Taken = { cpu: NaN, mb: NaN };

function ratiosOf(
  socket: LiveMeasurement,
  pieces: LiveMeasurement,
  late: LiveMeasurement,
  many: LiveMeasurement,
  atOnce: number,
): Ratio[] {
  const percentile95 = (name: string, { latenciesMs }: LiveMeasurement): Ratio => ({
    name: `ms to ${name}, 95th percentile`,
    value: rounded(percentile(latenciesMs, 0.95)),
    better: 'less',
    target: TARGET_MS,
  });
  const { recorder, unheard = NOTHING } = socket;
  return [
    percentile95('socket', socket),
    percentile95('pieces', pieces),
    percentile95(`socket, ${String(atOnce)} calls at once`, many),
    {
      name: '% of CPU that a recorder takes more',
      value: rounded(100 * (recorder.cpu / unheard.cpu - 1)),
      better: 'less',
      target: 3,
    },
    {
      name: 'the same, % of the quarter of a CPU that it has',
      value: rounded((100 * (recorder.cpu - unheard.cpu)) / RECORDER_CPUS),
      better: 'less',
    },
    {
      name: 'MB that a recorder takes more',
      value: rounded(recorder.mb - unheard.mb),
      better: 'less',
      target: 3,
    },
    {
      name: 'a listener, MB',
      value: rounded(Math.max(socket.listenerMb ?? NaN, pieces.listenerMb ?? NaN)),
      better: 'less',
      target: 110,
    },
    { name: 'catching up: times live', value: rounded(late.catchingUp ?? NaN), better: 'more' },
  ];
}

function rowOf(name: string, calls: number, one: LiveMeasurement): string[] {
  const { latenciesMs, recorder, listenerCpu, listenerMb } = one;
  const ms = (value: number) => (latenciesMs.length === 0 ? '–' : value.toFixed(0));
  return [
    name,
    String(calls),
    ms(median(latenciesMs)),
    ms(percentile(latenciesMs, 0.95)),
    ms(Math.max(...latenciesMs)),
    String(latenciesMs.length),
    ...takenOf(recorder, listenerCpu),
    listenerMb?.toFixed(1) ?? '–',
  ];
}

function takenOf({ cpu, mb }: Taken = NOTHING, listenerCpu: number | undefined): string[] {
  const ofHour = (one: number) => (one * 3_600).toFixed(1);
  return [ofHour(cpu), listenerCpu === undefined ? '–' : ofHour(listenerCpu), mb.toFixed(1)];
}

function tableOf(rows: readonly string[][]): Table {
  return {
    head: [
      'who listens',
      'calls',
      'ms, median',
      '95 %',
      'most',
      'seen',
      'recorder, CPU s a call-hour',
      'listener',
      'recorder, MB',
      'listener, MB',
    ],
    rows: [...rows],
  };
}
