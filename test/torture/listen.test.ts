/** Whoever listens dies, stands still or runs out of memory amid a call: the WAV is whole, and the pieces are the WAV. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildUnlessStanding } from '../../build.ts';
import { LISTENER_CONTAINER } from '../../contract/names.ts';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import type { CallResult } from '../../local/run/run-call.ts';
import type { System } from '../../local/system/system.ts';
import { livePrefix } from '../../recording/tape/live-keys.ts';
import { firstDifference } from '../support/heard.ts';
import { assembledPieces } from '../support/live-pieces.ts';
import { objectsBelow } from '../support/stored-objects.ts';
import { interleaved, violations } from './check.ts';
import { type Rig, torture } from './rig.ts';
import { plainTrial, type Trial } from './trial.ts';

beforeAll(() => buildUnlessStanding());

const SEED = 20_261_129;
const POLL_MS = 20;
const LISTENING_MS_MAX = 20_000;
const CALL_MS = 16_000;

const trial = (): Trial => ({
  ...plainTrial(CALL_MS, 2),
  liveSinks: { [LIVE_VARIABLES.sinks]: 'pieces' },
});

async function check(system: System, its: Trial, result: CallResult): Promise<string[]> {
  const { call, channels } = its;
  const wrong = await violations(system, its, result);
  const objects = await objectsBelow(system, livePrefix(call));
  const wav = interleaved(channels);
  const { heard } = assembledPieces({ objects }, call);
  const difference = firstDifference(heard.audioOf(wav.length / 4), wav);
  return difference === undefined ? wrong : [...wrong, `the pieces are not the WAV: ${difference}`];
}

/** The container's own program, and the one that it runs, once pieces come. @returns their process ids */
async function listening(rig: Rig) {
  const {
    system,
    trial: { call },
  } = rig;
  const parent = (await rig.task(1))?.beside[LISTENER_CONTAINER];
  for (let waitedMs = 0; parent && waitedMs < LISTENING_MS_MAX; waitedMs += POLL_MS) {
    const [program] = await childrenOf(parent.pid);
    if (program !== undefined && (await objectsBelow(system, livePrefix(call))).size > 0)
      return { parent, program };
    await sleep(POLL_MS);
  }
  throw new Error('nobody listens');
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return (text.match(/\d+/g) ?? []).map(Number);
}

/** @returns the program that runs instead of another one, once it does */
async function successor(rig: Rig, parent: number, program: number): Promise<number | undefined> {
  for (let waitedMs = 0; waitedMs < LISTENING_MS_MAX; waitedMs += POLL_MS) {
    const [now] = await childrenOf(parent);
    if (now !== undefined && now !== program) return now;
    await rig.wait(POLL_MS);
  }
  return undefined;
}

const run = (name: string, act: (rig: Rig) => Promise<void>) => torture({ name, trial, check, act }, SEED);

describe('Whoever listens', () => {
  test('is killed, and another one goes on', async () => {
    let next: number | undefined;
    const { result } = await run('kill the listener', async (rig) => {
      const { parent, program } = await listening(rig);
      rig.note('SIGKILL to the listener');
      process.kill(program, 'SIGKILL');
      next = await successor(rig, parent.pid, program);
    });
    expect(next).toBeDefined();
    expect(result.record).toMatchObject({ status: 'COMPLETE' });
  });

  test('stands still for a while', async () => {
    const { result } = await run('stop the listener', async (rig) => {
      const { program } = await listening(rig);
      rig.note('SIGSTOP to the listener');
      process.kill(program, 'SIGSTOP');
      await rig.wait(2_000);
      process.kill(program, 'SIGCONT');
    });
    expect(result.record).toMatchObject({ status: 'COMPLETE' });
  });

  test('runs out of memory, and another one goes on', async () => {
    let next: number | undefined;
    const { result } = await run('starve the listener', async (rig) => {
      const { parent, program } = await listening(rig);
      rig.note('no more memory for the listener');
      // Less than it holds: whatever it asks for from now on, it isn’t given.
      await promisify(execFile)('prlimit', [`--pid=${program}`, '--data=1048576:1048576']);
      // When it next asks for memory is up to its garbage collector otherwise: a debugger's thread takes some at once.
      process.kill(program, 'SIGUSR1');
      next = await successor(rig, parent.pid, program);
    });
    expect(next).toBeDefined();
    expect(result.record).toMatchObject({ status: 'COMPLETE' });
  });
});
