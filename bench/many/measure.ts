/** One to a hundred recorders at once, each a process of its own, at live pace; the stand-ins are in this process. */
import { freemem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseTapeKey } from '../../recording/tape/keys.ts';
import type { StoredObject } from '../support/object-store.ts';
import { cpuSeconds, proportionalMb, residentMb } from '../support/processes.ts';
import { ROOT, type Run, runProgram } from '../support/program.ts';
import { median } from '../support/statistics.ts';
import { type BenchWorld, newStream, register, runVariables, startWorld } from '../support/world.ts';
import { LiveCall } from './live-call.ts';

export interface Level {
  readonly calls: number;
  /** What all recorders together take in each second. */
  readonly cpuSecondsPerSecond: number;
  /** What the stand-ins take in each second. */
  readonly standinsPerSecond: number;
  /** Memory of all recorders together; what they share counts once. */
  readonly totalMb: number;
  /** The largest, by itself. */
  readonly largestMb: number;
  /** From a segment's last byte to its being stored. */
  readonly latencyMs: { readonly median: number; readonly most: number };
  /** Requests a second, of all recorders together. */
  readonly rates: Readonly<Record<string, number>>;
  readonly mediaMbPerSecond: number;
}

export interface Measurement {
  readonly levels: readonly Level[];
  /** Why it stopped before the last one; undefined when it didn't. */
  readonly stopped: string | undefined;
}

export interface Plan {
  readonly levels: readonly number[];
  readonly windowSeconds: number;
  readonly segmentSeconds: number;
}

/** Beyond it the machine is the limit, and not the program. */
const BUSY_MAX = 0.75;
const LATE_MS_MAX = 1_000;
const MEMORY_MARGIN = 1.3;
/** What a recorder is reckoned to take before any has been seen. */
const FIRST_MB = 120;
/** Between two starts. */
const STARTS_EVERY_MS = 300;
/** Recorders that have not asked for media yet: their starts would pile up. */
const STARTING_MAX = 3;
const START_MS_MAX = 30_000;
/** All recorders are up to date by then, or the machine holds no more. */
const UP_TO_DATE_MS_MAX = 90_000;
/** So that a recorder is there when its call begins to talk: here only what follows the start matters. */
const LEAD_MS = 1_000;

interface Recorder {
  readonly live: LiveCall;
  readonly run: Run;
}

export async function measureMany(plan: Plan, cores: number): Promise<Measurement> {
  const most = Math.max(...plan.levels);
  const streams = Array.from({ length: most }, (_, index) => newStream(`-${String(index)}`));
  const dynamoDb: Record<string, number> = {};
  const world = await startWorld({
    streams,
    drop: true,
    onDynamoDbRequest: (operation) => {
      dynamoDb[operation] = (dynamoDb[operation] ?? 0) + 1;
    },
  });
  const recorders: Recorder[] = [];
  const levels: Level[] = [];
  try {
    for (const calls of plan.levels) {
      const stopped = tooMany(levels.at(-1), calls, cores);
      if (stopped !== undefined) return { levels, stopped };
      while (recorders.length < calls) {
        const stream = streams[recorders.length];
        if (!stream) throw new Error('there are too few streams');
        recorders.push(await startRecorder(world, stream, plan.segmentSeconds));
        await sleep(STARTS_EVERY_MS);
        await eventually(
          () => recorders.length - world.kinesisVideo.openSessions <= STARTING_MAX,
          START_MS_MAX,
        );
      }
      const stored = world.store.puts.length;
      if (!(await eventually(() => areUpToDate(world, recorders, stored), UP_TO_DATE_MS_MAX)))
        return { levels, stopped: `not all of ${String(calls)} recorders were up to date after 90 s` };
      levels.push(await observe(world, recorders, dynamoDb, plan.windowSeconds));
    }
    return { levels, stopped: undefined };
  } finally {
    for (const { live, run } of recorders) {
      live.stop();
      run.kill();
    }
    await world.close();
  }
}

/** Whether this machine would hold so many, judged by how it held fewer. @returns why not */
function tooMany(before: Level | undefined, calls: number, cores: number): string | undefined {
  const perCallMb = before ? before.totalMb / before.calls : FIRST_MB;
  const neededMb = (calls - (before?.calls ?? 0)) * perCallMb * MEMORY_MARGIN;
  if (neededMb * 2 ** 20 > freemem()) return `${String(calls)} recorders don’t fit into its memory`;
  if (!before) return undefined;
  const busy = (before.cpuSecondsPerSecond + before.standinsPerSecond) / cores;
  const next = (busy * calls) / before.calls;
  if (next > BUSY_MAX)
    return `${String(calls)} recorders and the stand-ins would take its cores for themselves`;
  if (before.latencyMs.median > LATE_MS_MAX) return `${String(before.calls)} recorders were late already`;
  return undefined;
}

/** Each has stored a segment in time since: its start is over, and what it missed caught up. */
function areUpToDate(world: BenchWorld, recorders: readonly Recorder[], since: number): boolean {
  const fresh = new Set<string>();
  for (const put of world.store.puts.slice(since)) {
    const { contactId, latencyMs } = stored(put, recorders);
    if (latencyMs !== undefined && latencyMs < LATE_MS_MAX) fresh.add(contactId);
  }
  return fresh.size === recorders.length;
}

/** Tells whose a segment is, and how long after its last byte it was stored. */
function stored({ key, storedAtMs }: StoredObject, recorders: readonly Recorder[]) {
  const contactId = key.split('/')[1] ?? '';
  const recorder = recorders.find(({ live }) => live.call.recording.contactId === contactId);
  const atMs = recorder?.live.availableAtMs(parseTapeKey(key).last);
  return {
    contactId,
    latencyMs: atMs === undefined ? undefined : performance.timeOrigin + storedAtMs - atMs,
  };
}

/** @returns whether it was so before the time was over. */
async function eventually(isSo: () => boolean, msMax: number): Promise<boolean> {
  const giveUpAtMs = performance.now() + msMax;
  while (!isSo()) {
    if (performance.now() > giveUpAtMs) return false;
    await sleep(100);
  }
  return true;
}

async function startRecorder(
  world: BenchWorld,
  stream: ReturnType<typeof newStream>,
  segmentSeconds: number,
): Promise<Recorder> {
  const live = new LiveCall(stream, Date.now() + LEAD_MS);
  await register(world, live.call, false);
  const run = runProgram(join(ROOT, 'dist/task/index.mjs'), {
    env: { ...world.environment('task', { segmentSeconds }), ...runVariables(live.call) },
  });
  // It is killed in the end, and then leaves without a word.
  run.finished.catch(() => undefined);
  return { live, run };
}

async function observe(
  world: BenchWorld,
  recorders: readonly Recorder[],
  dynamoDb: Readonly<Record<string, number>>,
  seconds: number,
): Promise<Level> {
  const counts = () => ({
    'S3 PutObject': world.store.puts.length,
    'DynamoDB UpdateItem': dynamoDb.UpdateItem ?? 0,
    'DynamoDB Query': dynamoDb.Query ?? 0,
    'Kinesis Video getMedia': world.kinesisVideo.requests.getMedia,
  });
  const cpu = () => recorders.reduce((sum, { run }) => sum + alive(cpuSeconds(run.pid)), 0);
  const own = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const before = {
    counts: counts(),
    cpu: cpu(),
    own: own(),
    bytes: world.store.bytesIn(),
    atMs: performance.now(),
  };
  await sleep(seconds * 1_000);
  const took = (performance.now() - before.atMs) / 1_000;
  const after = counts();
  const latencies = world.store.puts
    .slice(before.counts['S3 PutObject'])
    .flatMap((put) => stored(put, recorders).latencyMs ?? []);
  return {
    calls: recorders.length,
    cpuSecondsPerSecond: (cpu() - before.cpu) / took,
    standinsPerSecond: (own() - before.own) / took,
    totalMb: recorders.reduce((sum, { run }) => sum + alive(proportionalMb(run.pid)), 0),
    largestMb: Math.max(...recorders.map(({ run }) => alive(residentMb(run.pid)))),
    latencyMs: { median: median(latencies), most: Math.max(...latencies) },
    rates: Object.fromEntries(
      Object.entries(before.counts).map(([name, count]) => [
        name,
        (after[name as keyof typeof after] - count) / took,
      ]),
    ),
    mediaMbPerSecond: (world.store.bytesIn() - before.bytes) / took / 1e6,
  };
}

/** A recorder that is gone would make the others look cheap. */
function alive(value: number | undefined): number {
  if (value === undefined) throw new Error('a recorder has left, or there is no /proc on this machine');
  return value;
}
