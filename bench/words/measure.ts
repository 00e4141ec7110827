/** A call at live pace whose words are written down, in a share of one CPU that recorder, listener and recogniser have together. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import { recogniserCommand, recogniserEnvironment } from '../../live/sinks/recognise/own-program.ts';
import { readWav } from '../../local/run/wav-input.ts';
import { LIVE_PROGRAM } from '../../local/system/deployment.ts';
import { recordingId } from '../../recording/identity.ts';
import { isSegment } from '../../recording/transcript/segment.ts';
import { LiveCall, PIECE_SECONDS } from '../many/live-call.ts';
import { cpuSeconds, familyOf, peakMb } from '../support/processes.ts';
import { ROOT, type Run, runProgram } from '../support/program.ts';
import { type BenchWorld, newStream, register, runVariables, startWorld } from '../support/world.ts';
import { type Quota, quotaOf } from './quota.ts';

export interface Plan {
  /** Undefined: nothing is written down. */
  readonly model: string | undefined;
  readonly vcpu: number;
  readonly warmSeconds: number;
  readonly windowSeconds: number;
}

export interface WordsMeasurement {
  /** From the end of what is said to its row, each of those that were said in the window. */
  readonly latenciesMs: readonly number[];
  readonly isLimited: boolean;
  /** CPU seconds in each second; the most memory that each held. Undefined where there is none. */
  readonly recorder: Taken;
  readonly listener: Taken | undefined;
  readonly recogniser: Taken | undefined;
  /** CPU seconds until its model was there, and what was said meanwhile had been caught up with. */
  readonly recogniserWarmCpu: number;
  /** How late the recorder ever had a fragment. */
  readonly maxBehindMs: number;
  /** Fragments that the recorder passed over: of those up to its last one. */
  readonly lost: number;
}

export interface Taken {
  readonly cpu: number;
  readonly mb: number;
}

const LEAD_MS = 1_000;
const SEGMENT_SECONDS = 10;
const POLL_MS = 100;
const RATE = 8_000;

export async function measureWords(plan: Plan): Promise<WordsMeasurement> {
  const stream = newStream();
  const world = await startWorld({ streams: [stream] });
  const dir = await mkdtemp(join(tmpdir(), 'callspool-bench-'));
  const quota = quotaOf(plan.vcpu);
  const live = new LiveCall(stream, Date.now() + LEAD_MS, await conversation());
  const programs: Run[] = [];
  try {
    await register(world, live.call, false);
    const feed = join(dir, 'feed.sock');
    programs.push(startRecorder(world, live, feed, plan));
    if (plan.model !== undefined) programs.push(startListener(world, live, feed, plan.model));
    for (const { pid } of programs) quota?.add(pid);
    return await observe(world, live, programs, quota, plan);
  } finally {
    live.stop();
    for (const { pid } of programs) for (const one of familyOf(pid).toReversed()) killed(one);
    await quota?.remove();
    await world.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** The sample call, with silence up to a whole piece. */
async function conversation(): Promise<readonly Int16Array[]> {
  const { channels } = readWav(await readFile(join(ROOT, 'local/sample/call.wav')));
  return channels.map((samples) => {
    const piece = new Int16Array(PIECE_SECONDS * RATE);
    piece.set(samples.subarray(0, piece.length));
    return piece;
  });
}

function startRecorder(world: BenchWorld, { call }: LiveCall, feed: string, { model }: Plan): Run {
  const recorder = runProgram(join(ROOT, 'dist/task/index.mjs'), {
    env: {
      ...world.environment('task', { segmentSeconds: SEGMENT_SECONDS }),
      ...runVariables(call),
      ...(model !== undefined && { [LIVE_VARIABLES.feedSocket]: feed }),
    },
  });
  recorder.finished.catch(() => undefined);
  return recorder;
}

function startListener(world: BenchWorld, { call }: LiveCall, feed: string, model: string): Run {
  const listener = runProgram(LIVE_PROGRAM, {
    env: {
      ...recogniserEnvironment(process.env),
      ...world.listenerEnvironment(call.recording, feed, {
        [LIVE_VARIABLES.sinks]: 'recognise',
        [LIVE_VARIABLES.recogniser]: recogniserCommand(process.env),
      }),
      CALLSPOOL_RECOGNISE_MODEL: model,
      CALLSPOOL_RECOGNISE_THREADS: '1',
      OMP_NUM_THREADS: '1',
    },
  });
  listener.finished.catch(() => undefined);
  return listener;
}

async function observe(
  world: BenchWorld,
  live: LiveCall,
  programs: readonly Run[],
  quota: Quota | undefined,
  { warmSeconds, windowSeconds }: Plan,
): Promise<WordsMeasurement> {
  const seen = new Map<string, number>();
  const watch = new AbortController();
  const watched = watchRows(world, live, seen, watch.signal);
  await sleep(warmSeconds * 1_000);
  const sinceMs = Date.now();
  const before = groupsOf(programs);
  await sleep(windowSeconds * 1_000);
  const after = groupsOf(programs);
  const untilMs = Date.now();
  const seconds = (untilMs - sinceMs) / 1_000;
  watch.abort();
  await watched;
  const taken = (name: keyof Groups): Taken => ({
    cpu: (after[name].cpuSeconds - before[name].cpuSeconds) / seconds,
    mb: after[name].mb,
  });
  const { maxBehindMs, lost } = await recorded(world, live);
  const hasWords = programs.length > 1;
  return {
    latenciesMs: await latenciesOf(world, live, seen, sinceMs),
    isLimited: quota !== undefined,
    recorder: taken('recorder'),
    listener: hasWords ? taken('listener') : undefined,
    recogniser: hasWords ? taken('recogniser') : undefined,
    recogniserWarmCpu: before.recogniser.cpuSeconds,
    maxBehindMs,
    lost,
  };
}

/** When each row stood there first: epoch ms. */
async function watchRows(
  world: BenchWorld,
  { call }: LiveCall,
  seen: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const rows = await world.transcripts.ofRecording(recordingId(call.recording));
    const now = Date.now();
    for (const { segmentId } of rows) if (!seen.has(segmentId)) seen.set(segmentId, now);
    await sleep(POLL_MS);
  }
}

async function latenciesOf(
  world: BenchWorld,
  { call }: LiveCall,
  seen: ReadonlyMap<string, number>,
  sinceMs: number,
): Promise<number[]> {
  const rows = await world.transcripts.ofRecording(recordingId(call.recording));
  return rows.filter(isSegment).flatMap(({ segmentId, startedAt, startMs, endMs }) => {
    const endedAtMs = startedAt + endMs - startMs;
    const seenAtMs = seen.get(segmentId);
    return seenAtMs === undefined || endedAtMs < sinceMs ? [] : [seenAtMs - endedAtMs];
  });
}

async function recorded(world: BenchWorld, live: LiveCall) {
  const checkpoint = await world.checkpoints.read(recordingId(live.call.recording));
  const { counters, position } = checkpoint ?? {};
  if (counters === undefined || position === undefined) throw new Error('nothing has been recorded');
  const expected = live.fragmentsUpTo(position.lastFragmentNumber);
  return { maxBehindMs: counters.maxBehindMs, lost: expected - counters.fragments };
}

interface Use {
  readonly cpuSeconds: number;
  readonly mb: number;
}
interface Groups {
  readonly recorder: Use;
  readonly listener: Use;
  readonly recogniser: Use;
}

/** The recogniser is what the listener’s shell has started: the last of its family. */
function groupsOf([recorder, listener]: readonly Run[]): Groups {
  const family = listener ? familyOf(listener.pid) : [];
  const recogniser = family.slice(-1);
  return {
    recorder: useOf(recorder ? [recorder.pid] : []),
    listener: useOf(family.slice(0, -1)),
    recogniser: useOf(recogniser),
  };
}

function useOf(pids: readonly number[]): Use {
  const sum = (of: (pid: number) => number | undefined) => pids.reduce((all, pid) => all + (of(pid) ?? 0), 0);
  return { cpuSeconds: sum(cpuSeconds), mb: sum(peakMb) };
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just gone.
  }
}
