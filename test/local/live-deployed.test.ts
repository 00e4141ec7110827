/** Calls that are listened to as they are deployed: a listener beside the recorder in each task, chosen by the workflow. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildUnlessStanding } from '../../build.ts';
import { LISTENER_CONTAINER } from '../../contract/names.ts';
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
  /** In which a task ran, in order. */
  readonly states: readonly string[];
  readonly tasks: number;
  readonly heard: Buffer;
  readonly pieces: number;
  readonly live: unknown;
}

/** Records the sample, and holds it against the WAV, whatever happens to whoever listens. */
async function record(
  sinks: Readonly<Record<string, string>>,
  options: RunOptions = {},
  during: (system: System) => Promise<void> = () => Promise.resolve(),
): Promise<Recorded> {
  const call = await loadCall({ file: SAMPLE, pace: PACE });
  const states: string[] = [];
  const system = await startSystem({
    logsDir: join(own.dir, 'logs'),
    settings: { graceSeconds: 1, segmentSeconds: 4 },
    retryMs: 50,
    liveSinks: sinks,
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
    const objects = await objectsBelow(system, livePrefix(call));
    return {
      states,
      tasks: system.ecs.tasks.length,
      heard: assembledPieces({ objects }, call).heard.audioOf(sample.length / 4),
      pieces: [...objects.keys()].filter((key) => key.endsWith('.wav')).length,
      live: item?.live,
    };
  } finally {
    await system.close();
  }
}

const END = [STATES.assemble, STATES.choose, STATES.done];

test('the pieces of a call are its WAV', async () => {
  const { states, heard, tasks, live } = await record(PIECES);

  expect(firstDifference(heard, sample)).toBeUndefined();
  expect(states).toEqual([STATES.isLive, STATES.liveSpot, ...END]);
  expect(tasks).toBe(1);
  expect(live).toBe('on');
});

test('a task that is lost takes its listener with it: the next one’s goes on, and repeats nothing wrongly', async () => {
  const { states, heard, tasks } = await record(PIECES, { killAtMs: 8_000 });

  expect(firstDifference(heard, sample)).toBeUndefined();
  expect(states).toEqual([
    STATES.isLive,
    STATES.liveSpot,
    STATES.readEnd,
    STATES.isOver,
    STATES.liveOnDemand,
    ...END,
  ]);
  expect(tasks).toBe(2);
});

test('a call whose flow wants no listeners is recorded by a task without', async () => {
  const { states, tasks, pieces, live } = await record(PIECES, { parameters: { live: 'off' } });

  expect(states).toEqual([STATES.isLive, STATES.spot, ...END]);
  expect(tasks).toBe(1);
  expect(pieces).toBe(0);
  expect(live).toBe('off');
});

test('a listener that can’t run costs the recording nothing, though Step Functions takes its task for failed', async () => {
  const { states, tasks, pieces } = await record({ [LIVE_VARIABLES.sinks]: 'radio' });

  expect(pieces).toBe(0);
  expect(states).toEqual([STATES.isLive, STATES.liveSpot, STATES.readEnd, STATES.isOver, ...END]);
  expect(tasks).toBe(1);
});

test('where tasks with listeners fail, one without goes on', async () => {
  const lost: string[] = [];
  const { states, tasks } = await record(PIECES, {}, async (system) => {
    for (const name of ['first', 'second']) {
      await expect.poll(() => system.ecs.tasks.length, { timeout: 30_000 }).toBeGreaterThan(lost.length);
      const task = system.ecs.tasks[lost.length];
      await expect.poll(() => task?.beside[LISTENER_CONTAINER]?.running()).toBe(true);
      lost.push(name);
      await task?.kill('SIGKILL');
    }
  });

  expect(lost).toHaveLength(2);
  expect(tasks).toBe(3);
  expect(states).toEqual([
    STATES.isLive,
    STATES.liveSpot,
    STATES.readEnd,
    STATES.isOver,
    STATES.liveOnDemand,
    STATES.readEnd,
    STATES.isOver,
    STATES.onDemand,
    ...END,
  ]);
});
