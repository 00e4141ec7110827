/** Calls that are listened to as they are deployed: a listener beside the recorder in each task, chosen by the workflow. */
import { expect, test } from 'vitest';
import { LISTENER_CONTAINER } from '../../contract/names.ts';
import { STATES } from '../../contract/record-states.ts';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import { firstDifference } from '../support/heard.ts';
import { ownOfEachTest } from '../support/own-of-test.ts';
import { listenedCalls, PIECES } from './listened-call.ts';

const own = ownOfEachTest();
const record = listenedCalls(own, { listenersApart: false });

const END = [STATES.assemble, STATES.choose, STATES.done];

test('the pieces of a call are its WAV', async () => {
  const { states, heard, sample, tasks, live } = await record(PIECES);

  expect(firstDifference(heard, sample)).toBeUndefined();
  expect(states).toEqual([STATES.isLive, STATES.liveSpot, ...END]);
  expect(tasks).toBe(1);
  expect(live).toBe('on');
});

test('a task that is lost takes its listener with it: the next one’s goes on, and repeats nothing wrongly', async () => {
  const { states, heard, sample, tasks } = await record(PIECES, { killAtMs: 8_000 });

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
