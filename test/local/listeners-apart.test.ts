/** Whoever listens in a task of its own, as it is deployed: begun by a branch of the workflow, and left to itself. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildUnlessStanding } from '../../build.ts';
import { STATES } from '../../contract/record-states.ts';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import { loadCall } from '../../local/run/input.ts';
import { runCall, type RunOptions } from '../../local/run/run-call.ts';
import { startSystem, type System } from '../../local/system/system.ts';
import { livePrefix } from '../../recording/tape/live-keys.ts';
import { firstDifference } from '../support/heard.ts';
import { assembledPieces } from '../support/live-pieces.ts';
import { ownOfEachTest } from '../support/own-of-test.ts';
import { objectsBelow } from '../support/stored-objects.ts';
import { PACE, recordedAudio, SAMPLE, sampleAudio } from './sample-call.ts';

const PIECES = { [LIVE_VARIABLES.sinks]: 'pieces' };

const own = ownOfEachTest();
let sample: Buffer;
beforeAll(async () => {
  await buildUnlessStanding();
  sample = await sampleAudio();
});

interface Recorded {
  readonly states: readonly string[];
  /** How many tasks there were, of either kind. */
  readonly tasks: number;
  readonly heard: Buffer;
  readonly pieces: number;
}

/** Records the sample, and holds it against the WAV, whatever becomes of whoever listens. */
async function record(
  sinks: Readonly<Record<string, string>>,
  options: RunOptions = {},
  during: (system: System) => Promise<unknown> = () => Promise.resolve(),
): Promise<Recorded> {
  const call = await loadCall({ file: SAMPLE, pace: PACE });
  const states: string[] = [];
  const system = await startSystem({
    logsDir: join(own.dir, 'logs'),
    settings: { graceSeconds: 1, segmentSeconds: 4 },
    retryMs: 50,
    liveSinks: sinks,
    listenersApart: true,
    onExecutionEvent: ({ type, state }) => {
      if (type === 'StateEntered' && state !== undefined) states.push(state);
    },
  });
  try {
    const [{ record: item }] = await Promise.all([
      runCall(system, call, { pace: PACE, ...options }),
      during(system),
    ]);
    expect(item).toMatchObject({ status: 'COMPLETE' });
    expect(firstDifference(await recordedAudio(system), sample)).toBeUndefined();
    // Those that listen leave by themselves, when they have heard all.
    await Promise.all(system.ecs.tasks.map((task) => task.exited));
    const objects = await objectsBelow(system, livePrefix(call));
    return {
      states,
      tasks: system.ecs.tasks.length,
      heard: assembledPieces({ objects }, call).heard.audioOf(sample.length / 4),
      pieces: [...objects.keys()].filter((key) => key.endsWith('.wav')).length,
    };
  } finally {
    await system.close();
  }
}

/** Of the recording’s branch. */
const recordingOf = (states: readonly string[]) =>
  states.filter((name) =>
    [STATES.spot, STATES.onDemand, STATES.assemble, STATES.choose, STATES.done].some((one) => one === name),
  );
const AS_EVER = [STATES.spot, STATES.assemble, STATES.choose, STATES.done];

test('it hears all of a call, from its tape, and leaves by itself', async () => {
  const { states, heard, tasks } = await record(PIECES);

  expect(firstDifference(heard, sample)).toBeUndefined();
  expect(recordingOf(states)).toEqual(AS_EVER);
  expect(states).toContain(STATES.listen);
  expect(tasks).toBe(2);
});

test('a call whose flow wants no listeners has none', async () => {
  const { states, tasks, pieces } = await record(PIECES, { parameters: { live: 'off' } });

  expect(recordingOf(states)).toEqual(AS_EVER);
  expect(states).not.toContain(STATES.listen);
  expect(tasks).toBe(1);
  expect(pieces).toBe(0);
});

test('one that can’t run is nothing to the recording', async () => {
  const { states, tasks, pieces } = await record({ [LIVE_VARIABLES.sinks]: 'radio' });

  expect(recordingOf(states)).toEqual(AS_EVER);
  expect(tasks).toBe(2);
  expect(pieces).toBe(0);
});

test('one that hangs is nothing to the recording, and to the end of its execution', async () => {
  const { states } = await record(PIECES, {}, async (system) => {
    const listener = await listenerOf(system);
    listener.send('SIGSTOP');
    const [execution] = system.stepFunctions.executions();
    const outcome = await execution?.settled;
    expect(outcome).toMatchObject({
      status: 'SUCCEEDED',
      output: expect.stringContaining('COMPLETE') as string,
    });
    expect(listener.running()).toBe(true);
    await listener.kill('SIGKILL');
  });

  expect(recordingOf(states)).toEqual(AS_EVER);
});

test('one to which nobody connects leaves when its time is up', async () => {
  const { states, tasks } = await record({
    [LIVE_VARIABLES.sinks]: 'socket',
    [LIVE_VARIABLES.socket]: join(own.dir, 'audio.sock'),
    [LIVE_VARIABLES.longestSeconds]: '2',
  });

  expect(recordingOf(states)).toEqual(AS_EVER);
  expect(tasks).toBe(2);
});

test('a recorder that is lost and goes on is heard on, by the same listener', async () => {
  const { states, heard, tasks } = await record(PIECES, { killAtMs: 8_000 });

  expect(firstDifference(heard, sample)).toBeUndefined();
  expect(recordingOf(states)).toEqual(AS_EVER);
  // Two recorders, the second of them tried again on Spot, and one listener.
  expect(tasks).toBe(3);
});

/** The task without a recorder, once it has begun. */
async function listenerOf(system: System) {
  await expect.poll(() => system.ecs.tasks.length, { timeout: 30_000 }).toBeGreaterThan(1);
  const task = system.ecs.tasks[1];
  if (task === undefined) throw new Error('no task of a listener');
  return task;
}
