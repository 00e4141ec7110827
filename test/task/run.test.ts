/** What a task exits with: Step Functions runs it again unless that is 0. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RUN_VARIABLES, TASK_VARIABLES } from '../../contract/variables.ts';
import type { Recording } from '../../recording/identity.ts';
import { recordingId } from '../../recording/identity.ts';
import type { RecorderPorts } from '../../task/recorder-ports.ts';
import { type Feed, run, type StopSignal } from '../../task/run.ts';
import { EXECUTION_ARN, INSTANCE_ARN, STREAM_ARN } from '../support/call.ts';
import { T0 } from '../support/documents.ts';
import { RecordingWorld } from '../support/recording-world.ts';
import { RecordedTelemetry } from '../support/telemetry.ts';

const SECONDS = 9;

/** A call of nine seconds, and a process whose task is to record it. */
async function task(
  options: {
    readonly env?: Record<string, string>;
    readonly ports?: Partial<RecorderPorts>;
    readonly feed?: Feed;
  } = {},
) {
  const world = new RecordingWorld({ archive: { retention: false } });
  world.talk(0, SECONDS);
  await world.hangUpAt(SECONDS);
  const { contactId, startFragmentNumber } = world.recording;
  const env = {
    [RUN_VARIABLES.contactId]: contactId,
    [RUN_VARIABLES.startFragmentNumber]: startFragmentNumber.toString(),
    [RUN_VARIABLES.streamArn]: STREAM_ARN,
    [RUN_VARIABLES.startedAt]: new Date(T0).toISOString(),
    [RUN_VARIABLES.instanceArn]: INSTANCE_ARN,
    [RUN_VARIABLES.executionArn]: EXECUTION_ARN,
    [TASK_VARIABLES.bucket]: 'bucket',
    [TASK_VARIABLES.checkpointsTable]: 'checkpoints',
    [TASK_VARIABLES.callsTable]: 'calls',
    ...options.env,
  };
  const telemetry = new RecordedTelemetry();
  const toldOf: (Recording | undefined)[] = [];
  const signals = new Map<StopSignal, () => void>();
  const left: { readonly code: number; readonly second: number }[] = [];
  const second = () => (world.clock.now() - T0) / 1_000;
  const exitCode = run({
    env,
    clock: world.clock,
    telemetryOf: (recording) => {
      toldOf.push(recording);
      return telemetry;
    },
    connectPorts: (_, clock) => ({ ...world.ports, clock, telemetry, ...options.ports }),
    openFeed: () => Promise.resolve(options.feed),
    onSignal: (name, hear) => signals.set(name, hear),
    leave: (code) => left.push({ code, second: second() }),
  });
  return {
    world,
    toldOf,
    left,
    second,
    lines: telemetry.lines,
    exits: () => world.finish(exitCode),
    /** Does it at this second of the call. */
    at: (when: number, act: () => unknown) => {
      void world.clock.sleep(when * 1_000).then(act);
    },
    signal: (name: StopSignal) => signals.get(name)?.(),
  };
}

/** @param claim how they are claimed */
function claimedBy(claim: RecorderPorts['checkpoints']['claim']): RecorderPorts['checkpoints'] {
  const { checkpoints } = new RecordingWorld();
  vi.spyOn(checkpoints, 'claim').mockImplementation(claim);
  return checkpoints;
}

describe('a task', () => {
  it('exits with 0 when the call is over, and says whose it was', async () => {
    const { exits, world, toldOf, lines, left } = await task();
    expect(await exits()).toBe(0);
    expect((await world.checkpoint)?.ended?.reason).toBe('DISCONNECTED');
    expect(toldOf).toEqual([world.recording]);
    expect(lines.at(-1)).toEqual({ level: 'info', message: 'leaving', fields: { outcome: 'ended' } });
    expect(left).toEqual([]);
  });

  it('exits with 0 when another execution owns the recording', async () => {
    const { exits, world, at } = await task();
    at(5, () => world.checkpoints.handOver(recordingId(world.recording), EXECUTION_ARN, 'another'));
    expect(await exits()).toBe(0);
    expect((await world.checkpoint)?.ended).toBeUndefined();
  });

  it('exits with 3, to be run again, when another task of its execution has claimed', async () => {
    const { exits, world, at } = await task();
    at(5, () => world.checkpoints.claim(recordingId(world.recording), EXECUTION_ARN));
    expect(await exits()).toBe(3);
  });

  it('exits with 2 when its environment is wrong, and says which variable', async () => {
    const { exits, toldOf, lines } = await task({ env: { [RUN_VARIABLES.startedAt]: 'yesterday' } });
    expect(await exits()).toBe(2);
    expect(toldOf).toEqual([undefined]);
    expect(lines).toMatchObject([{ level: 'error', message: 'the task is misconfigured' }]);
    expect(String(lines[0]?.error)).toContain(RUN_VARIABLES.startedAt);
  });

  it('exits with 1 when it can’t go on, and says why', async () => {
    const checkpoints = claimedBy(() => Promise.reject(new Error('no table')));
    const { exits, lines } = await task({ ports: { checkpoints } });
    expect(await exits()).toBe(1);
    expect(lines.at(-1)).toEqual({
      level: 'error',
      message: 'the recorder failed; a new task goes on from the checkpoint',
      fields: {},
      error: new Error('no table'),
    });
  });
});

describe.each<StopSignal>(['SIGTERM', 'SIGINT'])('%s', (name) => {
  it('makes it store what it has read, and exit with 143', async () => {
    const { exits, world, signal, at, second, lines } = await task();
    at(5.5, () => signal(name));
    expect(await exits()).toBe(143);
    expect(second()).toBeLessThan(7);
    expect(world.tape.history.at(-1)?.object.last).toBe(world.number(4));
    expect(lines[0]).toEqual({
      level: 'info',
      message: 'asked to stop: storing what has been read',
      fields: { signal: name },
    });
  });

  it('makes the process leave a minute later where something hangs', async () => {
    const forever = () => new Promise<never>(() => undefined);
    const { tape } = new RecordingWorld();
    const hanging = {
      list: () => tape.list(new RecordingWorld().recording),
      read: forever,
      remove: forever,
      append: forever,
    };
    const { world, signal, at, left } = await task({ ports: { tape: hanging } });
    at(5.5, () => signal(name));
    await world.finish(world.clock.sleep(120_000));
    expect(left).toEqual([{ code: 143, second: 65.5 }]);
  });
});

describe('the watchdog', () => {
  const HUNG_MS = 180_000;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends a process in which nothing moves, so that it is run again, and says so', async () => {
    const { left, lines } = await task({
      ports: { checkpoints: claimedBy(() => new Promise(() => undefined)) },
    });
    vi.advanceTimersByTime(HUNG_MS - 1);
    expect(left).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(left).toMatchObject([{ code: 3 }]);
    expect(lines).toMatchObject([{ level: 'error', message: 'nothing has moved for too long' }]);
    expect(String(lines[0]?.error)).toContain(`no progress for ${HUNG_MS} ms`);
  });

  it('lets it live while something moves', async () => {
    const { world, left, exits } = await task();
    const times = Array.from({ length: SECONDS }, (_, index) => index + 1);
    for (const at of times)
      void world.clock.sleep(at * 1_000).then(() => vi.advanceTimersByTime(HUNG_MS / 3));
    expect(await exits()).toBe(0);
    expect(left).toEqual([]);
  });

  it.each([0, 2])('leaves with the task: exit code %i', async (code) => {
    const env: Record<string, string> = code === 2 ? { [RUN_VARIABLES.startedAt]: 'yesterday' } : {};
    const { exits, left } = await task({ env });
    expect(await exits()).toBe(code);
    vi.advanceTimersByTime(2 * HUNG_MS);
    expect(left).toEqual([]);
  });
});

describe('a feed', () => {
  function feed() {
    const told = { ends: 0, done: 0, taken: 0 };
    const made: Feed = {
      take: () => (told.taken += 1),
      onTape: () => undefined,
      end: () => (told.ends += 1),
      done: () => Promise.resolve(void (told.done += 1)),
    };
    return { told, made };
  }

  it('is given all that is kept, and waited for when the call is over', async () => {
    const { told, made } = feed();
    expect(await (await task({ feed: made })).exits()).toBe(0);
    expect(told).toEqual({ taken: SECONDS, ends: 1, done: 1 });
  });

  it('isn’t waited for by a task that has been asked to stop', async () => {
    const { told, made } = feed();
    const { exits, at, signal } = await task({ feed: made });
    at(5, () => signal('SIGTERM'));
    expect(await exits()).toBe(143);
    expect(told).toMatchObject({ ends: 1, done: 0 });
  });
});
