/** Whoever listens in a task of its own, as it is deployed: begun by a branch of the workflow, and left to itself. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STATES } from '../../contract/record-states.ts';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import type { System } from '../../local/system/system.ts';
import { firstDifference } from '../support/heard.ts';
import { ownOfEachTest } from '../support/own-of-test.ts';
import { listenedCalls, PIECES } from './listened-call.ts';

const own = ownOfEachTest();
const record = listenedCalls(own, { listenersApart: true });

/** Of the recording’s branch. */
const recordingOf = (states: readonly string[]) =>
  states.filter((name) =>
    [STATES.spot, STATES.onDemand, STATES.assemble, STATES.choose, STATES.done].some((one) => one === name),
  );
const AS_EVER = [STATES.spot, STATES.assemble, STATES.choose, STATES.done];

test('it hears all of a call, from its tape, and leaves by itself', async () => {
  const { states, heard, sample, tasks } = await record(PIECES);

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
  const { states, heard, sample, tasks } = await record(PIECES, { killAtMs: 8_000 });

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
