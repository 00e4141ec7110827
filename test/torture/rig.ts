/** The whole system in real processes, one call through it, and somebody who does harm meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallResult, runCall } from '../../local/run/run-call.ts';
import type { Exit } from '../../local/standins/containers.ts';
import type { Task } from '../../local/standins/ecs.ts';
import { startSystem, type System } from '../../local/system/system.ts';
import { type Random, seeded } from '../support/random.ts';
import { violations } from './check.ts';
import { Gate, type Service, SERVICES } from './gate.ts';
import { randomTrial, type Trial } from './trial.ts';

export interface Rig {
  readonly system: System;
  readonly trial: Trial;
  readonly random: Random;
  readonly gates: Readonly<Record<Service, Gate>>;
  /** Resolves when the workflow is over. */
  readonly over: Promise<void>;
  /** What was done, for whoever looks into a failure. */
  readonly note: (what: string) => void;
  /** The nth task, from 1, once it has been started; undefined when the workflow is over without. */
  task(nth: number): Promise<Task | undefined>;
  /** Waits, but not beyond the end of the workflow. */
  wait(milliseconds: number): Promise<void>;
}

export interface Scenario {
  readonly name: string;
  readonly trial?: (random: Random) => Trial;
  /** What has to be so afterwards. Default: the recording is whole. @returns what is wrong, in words */
  readonly check?: (system: System, trial: Trial, result: CallResult) => Promise<string[]>;
  /** Does harm. The check follows when the workflow is over and this has resolved. @throws when it sees wrong. */
  act(rig: Rig): Promise<void>;
}

export interface Report {
  readonly notes: readonly string[];
  readonly result: CallResult;
  readonly exits: readonly Exit[];
}

/** `message` names what is wrong, and where the logs are. */
export class TortureFailure extends Error {
  override readonly name = 'TortureFailure';
}

/** Far beyond what any run needs: one that takes longer has lost its liveness. */
const RUN_MS_MAX = 180_000;
const LEAVE_MS_MAX = 60_000;
const RETRY_MS = 100;
const POLL_MS = 5;

/** Needs the programs to be built. @throws TortureFailure */
export async function torture(scenario: Scenario, seed: number): Promise<Report> {
  const random = seeded(seed);
  const trial = (scenario.trial ?? randomTrial)(random);
  const dir = await mkdtemp(join(tmpdir(), 'callspool-torture-'));
  const notes: string[] = [];
  const startedAtMs = Date.now();
  const note = (what: string) => notes.push(`${String(Date.now() - startedAtMs)} ms: ${what}`);
  const stop = new AbortController();
  const enough = setTimeout(() => {
    stop.abort(new Error(`not over after ${RUN_MS_MAX / 1_000} s`));
  }, RUN_MS_MAX);
  let system: System | undefined;
  try {
    const gates = newGates();
    system = await start(dir, trial, gates);
    for (const service of SERVICES) gates[service].attach(system.proxies[service]);
    const running = runCall(system, trial.call, { pace: trial.pace, signal: stop.signal });
    const over = running.then(
      () => undefined,
      () => undefined,
    );
    const rig: Rig = { system, trial, random, gates, over, note, ...waits(system, over) };
    const [result] = await Promise.all([running, scenario.act(rig)]);
    const exits = await within(LEAVE_MS_MAX, Promise.all(system.ecs.tasks.map(({ exited }) => exited)));
    if (exits === undefined) throw new Error('the workflow is over, but a task has not left');
    const wrong = await (scenario.check ?? violations)(system, trial, result);
    if (wrong.length > 0) throw new Error(wrong.join('; '));
    await system.close();
    await rm(dir, { recursive: true, force: true });
    return { notes, result, exits };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const exits = system?.ecs.tasks.map(
      ({ running }, index) => `task ${index + 1} ${running() ? 'runs' : 'has left'}`,
    );
    throw new TortureFailure([why, ...notes, ...(exits ?? []), `logs: ${dir}`].join('\n  '), {
      cause: error,
    });
  } finally {
    clearTimeout(enough);
    stop.abort();
    await system?.close();
  }
}

function newGates(): Record<Service, Gate> {
  return { s3: new Gate('s3'), dynamoDb: new Gate('dynamoDb'), kinesisVideo: new Gate('kinesisVideo') };
}

function start(dir: string, trial: Trial, gates: Record<Service, Gate>): Promise<System> {
  return startSystem({
    logsDir: join(dir, 'logs'),
    settings: trial.settings,
    retentionHours: trial.retentionHours,
    ...(trial.bufferMs !== undefined && { bufferMs: trial.bufferMs }),
    kinesisVideo: trial.kinesisVideo,
    ...(trial.liveSinks && { liveSinks: trial.liveSinks }),
    retryMs: RETRY_MS,
    faults: {
      s3: gates.s3.hooks,
      dynamoDb: gates.dynamoDb.hooks,
      kinesisVideo: gates.kinesisVideo.hooks,
    },
  });
}

function waits({ ecs }: System, over: Promise<void>): Pick<Rig, 'task' | 'wait'> {
  let isOver = false;
  void over.then(() => (isOver = true));
  return {
    task: async (nth) => {
      while (!isOver && ecs.tasks.length < nth) await sleep(POLL_MS);
      return ecs.tasks[nth - 1];
    },
    wait: async (milliseconds) => {
      const enough = new AbortController();
      await Promise.race([over, sleep(milliseconds, undefined, { signal: enough.signal, ref: false })]);
      enough.abort();
    },
  };
}

/** @returns undefined when it takes longer. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const enough = new AbortController();
  try {
    return await Promise.race([promise, sleep(milliseconds, undefined, { signal: enough.signal })]);
  } finally {
    enough.abort();
  }
}
