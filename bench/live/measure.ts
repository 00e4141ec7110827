/** Calls at live pace, each with a recorder and, or not, a listener beside it: how late what was said is given, and what both take. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import { LIVE_PROGRAM } from '../../local/system/deployment.ts';
import { LiveCall } from '../many/live-call.ts';
import { cpuSeconds, residentMb } from '../support/processes.ts';
import { ROOT, type Run, runProgram } from '../support/program.ts';
import { type BenchWorld, newStream, register, runVariables, startWorld } from '../support/world.ts';

export type Sink = 'socket' | 'pieces';

export interface Plan {
  readonly calls: number;
  /** Undefined: nobody listens. */
  readonly sink: Sink | undefined;
  /** More calls at the same time, to which nobody listens: what a recorder takes more is told from these. */
  readonly unheard?: number;
  readonly windowSeconds: number;
  /** When the listener comes, after its call began to talk. */
  readonly listenerAfterSeconds?: number;
}

/** Of one recorder: CPU seconds a second, and RSS. */
export interface Taken {
  readonly cpu: number;
  readonly mb: number;
}

export interface LiveMeasurement {
  /** From a fragment's last byte at the recorder, or a second's, to its last sample at the sink. */
  readonly latenciesMs: readonly number[];
  readonly recorder: Taken;
  /** One of those to whom nobody listens; undefined where there are none. */
  readonly unheard: Taken | undefined;
  /** CPU seconds a second, of one and its parent; undefined where nobody listens. */
  readonly listenerCpu: number | undefined;
  /** The largest program that listens, by itself. */
  readonly listenerMb: number | undefined;
  /** How fast what had been said before was given: times live. Undefined where nothing had. */
  readonly catchingUp: number | undefined;
}

const SEGMENT_SECONDS = 10;
const RATE = 8_000;
const LEAD_MS = 1_000;
const STARTS_EVERY_MS = 300;
/** Programs are compiled and caught up by then. */
const WARM_MS = 12_000;
const CONNECT_EVERY_MS = 50;

interface Call {
  readonly live: LiveCall;
  readonly recorder: Run;
  readonly startedAtMs: number;
  readonly feed: string;
  listener: Run | undefined;
  given: Given[];
  readonly socket: string;
}

/** All frames before `frame` have come, at a time by the epoch. */
interface Given {
  readonly frame: number;
  readonly atMs: number;
}

export async function measureLive(plan: Plan): Promise<LiveMeasurement> {
  const { unheard = 0 } = plan;
  const streams = Array.from({ length: plan.calls + unheard }, (_, index) => newStream(`-${String(index)}`));
  const world = await startWorld({ streams });
  const dir = await mkdtemp(join(tmpdir(), 'callspool-bench-'));
  const calls: Call[] = [];
  const besides: Call[] = [];
  try {
    for (const [index, stream] of streams.entries()) {
      // In turns, so that neither kind is the younger one.
      const isBeside = besides.length < unheard && index % 2 === 1;
      const isListenedTo = plan.sink !== undefined && !isBeside;
      const call = await startCall(world, stream, join(dir, String(index)), isListenedTo);
      (isBeside ? besides : calls).push(call);
      await sleep(STARTS_EVERY_MS);
    }
    await startListeners(world, calls, plan);
    await sleep(WARM_MS);
    return await observe(world, calls, besides, plan);
  } finally {
    for (const { live, recorder, listener } of [...calls, ...besides]) {
      live.stop();
      recorder.kill();
      if (listener) endGroup(listener);
    }
    await world.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function startCall(
  world: BenchWorld,
  stream: ReturnType<typeof newStream>,
  path: string,
  isListenedTo: boolean,
): Promise<Call> {
  const startedAtMs = Date.now() + LEAD_MS;
  const live = new LiveCall(stream, startedAtMs);
  await register(world, live.call, false);
  const feed = `${path}.feed`;
  const recorder = runProgram(join(ROOT, 'dist/task/index.mjs'), {
    env: {
      ...world.environment('task', { segmentSeconds: SEGMENT_SECONDS }),
      ...runVariables(live.call),
      ...(isListenedTo && { [LIVE_VARIABLES.feedSocket]: feed }),
    },
  });
  recorder.finished.catch(() => undefined);
  return { live, recorder, startedAtMs, feed, listener: undefined, given: [], socket: `${path}.audio` };
}

async function startListeners(world: BenchWorld, calls: readonly Call[], plan: Plan): Promise<void> {
  if (plan.sink === undefined) return;
  await sleep((plan.listenerAfterSeconds ?? 0) * 1_000);
  for (const call of calls) {
    call.listener = startListener(world, call, plan.sink);
    if (plan.sink === 'socket') void hear(call);
    await sleep(STARTS_EVERY_MS);
  }
}

function startListener(world: BenchWorld, { live, feed, socket }: Call, sink: Sink): Run {
  const listener = runProgram(LIVE_PROGRAM, {
    env: world.listenerEnvironment(live.call.recording, feed, {
      [LIVE_VARIABLES.sinks]: sink,
      [LIVE_VARIABLES.socket]: socket,
    }),
  });
  listener.finished.catch(() => undefined);
  return listener;
}

/** The program that listens is its parent's child, and goes with it: its channel closes. */
function endGroup(listener: Run): void {
  for (const pid of listener.children()) process.kill(pid, 'SIGKILL');
  listener.kill();
}

const Message = v.object({
  kind: v.string(),
  startFrame: v.optional(v.number()),
  frames: v.optional(v.number()),
});

async function hear(call: Call): Promise<void> {
  const socket = await connected(call.socket);
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    const atMs = performance.timeOrigin + performance.now();
    rest = Buffer.concat([rest, bytes]);
    for (let taken = take(rest); taken; taken = take(rest)) {
      rest = taken.rest;
      if (taken.frame !== undefined) call.given.push({ frame: taken.frame, atMs });
    }
  });
}

/** A whole message at the beginning of what came. @returns undefined where there is none yet */
function take(bytes: Buffer): { readonly rest: Buffer; readonly frame: number | undefined } | undefined {
  const newline = bytes.indexOf(10);
  if (newline < 0) return undefined;
  const {
    kind,
    startFrame = 0,
    frames = 0,
  } = v.parse(Message, JSON.parse(bytes.toString('utf8', 0, newline)));
  const length = kind === 'audio' ? 4 * frames : kind === 'late' ? 2 * frames : 0;
  const end = newline + 1 + length;
  if (bytes.length < end) return undefined;
  return { rest: bytes.subarray(end), frame: kind === 'audio' ? startFrame + frames : undefined };
}

async function connected(path: string): Promise<Socket> {
  for (;;) {
    const socket = createConnection(path);
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    if (isThere) {
      socket.on('error', () => undefined);
      return socket;
    }
    await sleep(CONNECT_EVERY_MS);
  }
}

async function observe(
  world: BenchWorld,
  calls: readonly Call[],
  besides: readonly Call[],
  plan: Plan,
): Promise<LiveMeasurement> {
  const sinceMs = Date.now();
  const listeners = calls.flatMap(({ listener }) => (listener ? [listener.pid, ...listener.children()] : []));
  const watched = [pidsOf(calls), pidsOf(besides), listeners] as const;
  const before = watched.map(cpuOf);
  await sleep(plan.windowSeconds * 1_000);
  const seconds = (Date.now() - sinceMs) / 1_000;
  const [recorders, others, listening] = watched.map(
    (pids, index) => (cpuOf(pids) - (before[index] ?? NaN)) / seconds,
  );
  if (plan.sink === 'pieces') for (const call of calls) call.given = piecesOf(world, call);
  return {
    latenciesMs: calls.flatMap((call) => latenciesOf(call, sinceMs)),
    recorder: takenBy(calls, recorders),
    unheard: besides.length > 0 ? takenBy(besides, others) : undefined,
    listenerCpu: plan.sink && (listening ?? NaN) / calls.length,
    listenerMb: plan.sink && Math.max(...listeners.map((pid) => alive(residentMb(pid)))),
    catchingUp: plan.listenerAfterSeconds === undefined ? undefined : catchingUp(calls[0]),
  };
}

const pidsOf = (calls: readonly Call[]) => calls.map(({ recorder }) => recorder.pid);
const cpuOf = (pids: readonly number[]) => pids.reduce((sum, pid) => sum + alive(cpuSeconds(pid)), 0);

/** @param cpu of all of them, CPU seconds a second */
function takenBy(calls: readonly Call[], cpu = NaN): Taken {
  const mb = pidsOf(calls).reduce((sum, pid) => sum + alive(residentMb(pid)), 0);
  return { cpu: cpu / calls.length, mb: mb / calls.length };
}

/** A fragment, or a second, is there when the first message that reaches its end has come. */
function latenciesOf({ live, startedAtMs, given }: Call, sinceMs: number): number[] {
  return given.flatMap(({ frame, atMs }) => {
    if (atMs < sinceMs) return [];
    const availableAtMs = live.availableWith(startedAtMs + (frame * 1_000) / RATE);
    return availableAtMs === undefined ? [] : [atMs - availableAtMs];
  });
}

function piecesOf(world: BenchWorld, { live }: Call): Given[] {
  const own = `live/${live.call.recording.contactId}/`;
  return world.store.puts.flatMap(({ key, storedAtMs }) => {
    const [, first] = key.startsWith(own) ? (/\/(\d{12})\.wav$/.exec(key) ?? []) : [];
    if (first === undefined) return [];
    return [{ frame: Number(first) + RATE, atMs: performance.timeOrigin + storedAtMs }];
  });
}

/** From the first message on, until what came was no older than two seconds. */
function catchingUp(call: Call | undefined): number | undefined {
  const first = call?.given[0];
  if (!call || !first) return undefined;
  const isFresh = ({ frame, atMs }: Given) => atMs - call.startedAtMs - (frame * 1_000) / RATE < 2_500;
  const fresh = call.given.find(isFresh);
  if (!fresh) return undefined;
  return ((fresh.frame / RATE) * 1_000) / Math.max(1, fresh.atMs - first.atMs);
}

/** One that is gone would make the others look cheap. */
function alive(value: number | undefined): number {
  if (value === undefined) throw new Error('a program has left, or there is no /proc on this machine');
  return value;
}
