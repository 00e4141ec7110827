/** Resumption through the whole system: a recording breaks off, a person or the deployment itself resumes it, nothing is lost. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { buildUnlessStanding } from '../../../../build.ts';
import type { LocalCall } from '../../../../local/run/call.ts';
import { runCall } from '../../../../local/run/run-call.ts';
import { readWav } from '../../../../local/run/wav-input.ts';
import { PASS, type RequestFate } from '../../../../local/standins/proxy.ts';
import { functionArn } from '../../../../local/system/deployment.ts';
import { keysOf } from '../../../../local/system/store.ts';
import { startSystem, type System } from '../../../../local/system/system.ts';
import { systemClock } from '../../../../ports/runtime/clock.ts';
import { executionName, recordingId } from '../../../../recording/identity.ts';
import { parseTapeKey, tapePrefix } from '../../../../recording/tape/keys.ts';
import { callspool, environmentOf, type Ran } from '../../../support/cli.ts';
import { collect } from '../../../support/collect.ts';
import { difference, noise, produced } from '../../../support/local-run.ts';

const BOTH = [noise(7_000, 1), noise(7_000, 2)];

let dir: string;
let system: System;
/** What begins behind this fragment can't be stored: else all of the call might be, before the task is dead. */
let tapeEnd: bigint | undefined;
beforeAll(() => buildUnlessStanding());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-resume-'));
  system = await startSystem({
    retryMs: 50,
    stopTimeoutMs: 1_000,
    logsDir: join(dir, 'logs'),
    settings: { graceSeconds: 0.2, segmentSeconds: 1 },
    faults: { s3: { request: ({ method, path }) => (isBehindEnd(method, path) ? HANG : PASS) } },
  });
  for (const [name, value] of Object.entries(environmentOf(system))) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await system.close();
  await rm(dir, { recursive: true });
});

const HANG: RequestFate = { kind: 'hang' };

function isBehindEnd(method: string, path: string): boolean {
  if (tapeEnd === undefined || method !== 'PUT' || !path.includes('/tape/')) return false;
  return parseTapeKey(path.replace(/\?.*/, '')).first > tapeEnd;
}

/** The execution is stopped and the task dies once 3 s of the call are on the tape: nobody assembles them. */
async function interrupted(call: LocalCall): Promise<void> {
  const stop = system.onCheckpoint(async ({ counters }) => {
    if (counters.mediaMs < 3_000) return;
    executionNamed(executionName(call))?.abort();
    await Promise.all(system.ecs.tasks.map((task) => task.kill('SIGKILL')));
  });
  tapeEnd = call.own[3]?.number;
  const { execution } = await runCall(system, call);
  stop();
  tapeEnd = undefined;
  expect(execution?.status).toBe('ABORTED');
}

/** Fragments of the call that are on no object of its tape. */
async function missingFromTape(call: LocalCall): Promise<number> {
  const spans = (await collect(keysOf(system.s3, system.bucket, tapePrefix(call)))).map(parseTapeKey);
  const isStored = (number: bigint) => spans.some(({ first, last }) => first <= number && number <= last);
  return call.own.filter(({ number }) => !isStored(number)).length;
}

function executionNamed(name: string) {
  return system.stepFunctions.executions().find((execution) => execution.name === name);
}

function cli(...args: string[]): Promise<Ran> {
  return callspool(args, { env: process.env });
}

async function expectWhole(call: LocalCall): Promise<void> {
  const wav = join(dir, 'whole.wav');
  expect(await cli('calls', 'fetch', recordingId(call), '--out', wav)).toMatchObject({ code: 0 });
  expect(difference(readWav(await readFile(wav)).channels, BOTH)).toBeUndefined();
}

async function shown(call: LocalCall): Promise<Record<string, unknown>> {
  const { out } = await cli('calls', 'show', recordingId(call), '--json');
  const [record] = JSON.parse(out) as Record<string, unknown>[];
  return record ?? {};
}

test('a recording that broke off is told of, resumed, and whole; then there is nothing left to do', async () => {
  const call = produced(BOTH, { startedAtMs: Date.now() - 60_000 });
  await interrupted(call);

  const plan = await cli('calls', 'resume', recordingId(call), '--dry-run');
  expect(plan.code).toBe(0);
  expect(plan.err).toContain('was cut off without a word');
  const missing = await missingFromTape(call);
  expect(missing).toBeGreaterThan(1);
  expect(plan.err).toContain(
    `in the stream: ${missing} fragments that the tape lacks, ${missing} of them behind`,
  );
  expect(plan.err).toContain(`execution ${executionName(call, 1)}`);
  expect(await shown(call)).toMatchObject({ status: 'RECORDING' });
  expect(system.stepFunctions.executions()).toHaveLength(1);

  const resumed = await cli('calls', 'resume', '--all-interrupted', '--since', '1h', '--yes', '--wait');

  expect(resumed).toMatchObject({ code: 0 });
  const next = executionNamed(executionName(call, 1));
  // The record is complete a little before its execution is.
  expect((await next?.settled)?.status).toBe('SUCCEEDED');
  expect(next?.input).toBe(executionNamed(executionName(call))?.input);
  expect(await shown(call)).toMatchObject({
    status: 'COMPLETE',
    losses: [],
    executionArn: next?.executionArn,
    checkpoint: { owner: next?.executionArn },
  });
  await expectWhole(call);

  const again = await cli('calls', 'resume', recordingId(call), '--yes');
  expect(again).toMatchObject({ code: 0 });
  expect(again.err).toContain('nothing to resume');
  const all = await cli('calls', 'resume', '--all-interrupted', '--since', '1h', '--yes');
  expect(all.err).toContain('no recording of the last 1h was interrupted');
  expect(system.stepFunctions.executions()).toHaveLength(2);
});

test('what nobody resumes by hand the deployment’s function resumes, once', async () => {
  const call = produced(BOTH, { startedAtMs: Date.now() - 1_200_000 });
  await interrupted(call);
  const run = () => system.lambda.invoke(functionArn('resume'), {});

  expect(await run()).toEqual({ looked: 1, resumed: 1, givenUp: 0, failures: 0 });
  // While that runs it is left alone.
  expect(await run()).toMatchObject({ resumed: 0, failures: 0 });
  await executionNamed(executionName(call, 1))?.settled;

  expect(await shown(call)).toMatchObject({
    status: 'COMPLETE',
    losses: [],
    resumptions: [{ by: 'schedule', why: 'RECORDING, and its execution is over' }],
    resumptionCount: 1,
  });
  await expectWhole(call);
  expect(await run()).toEqual({ looked: 0, resumed: 0, givenUp: 0, failures: 0 });
  expect(system.stepFunctions.executions()).toHaveLength(2);
});

test('a recording that says COMPLETE is resumed by force, and stays whole', async () => {
  const call = produced(BOTH, { startedAtMs: Date.now() - 60_000 });
  await runCall(system, call);
  expect(await cli('calls', 'resume', '--all-interrupted', '--force')).toMatchObject({ code: 2 });

  const forced = await cli('calls', 'resume', recordingId(call), '--force', '--yes', '--wait');

  expect(forced).toMatchObject({ code: 0 });
  expect(await shown(call)).toMatchObject({
    status: 'COMPLETE',
    losses: [],
    executionArn: executionNamed(executionName(call, 1))?.executionArn,
    resumptions: [{ by: 'operator', why: 'COMPLETE: resumed by hand' }],
  });
  await expectWhole(call);
});

test('while a call goes on, it is heard and followed; it is not resumed and not erased', async () => {
  const call = produced(BOTH);
  const id = recordingId(call);
  const sofar = join(dir, 'sofar.wav');
  const refusals: Ran[] = [];
  let followed: Promise<Ran> | undefined;
  const stop = system.onCheckpoint(async ({ counters }) => {
    if (counters.mediaMs < 3_000 || followed !== undefined) return;
    followed = cli('calls', 'follow', id, '--json', '--interval', '0.2');
    refusals.push(await cli('calls', 'resume', id, '--yes'));
    refusals.push(await cli('calls', 'erase', id, '--yes'));
    expect(await cli('calls', 'fetch', id, '--out', sofar)).toMatchObject({ code: 4 });
  });
  await runCall(system, call);
  stop();

  const heard = readWav(await readFile(sofar)).channels;
  const frames = heard[0]?.length ?? 0;
  expect(frames).toBeGreaterThanOrEqual(24_000);
  const asFar = BOTH.map((side) => side.slice(0, frames));
  expect(difference(heard, asFar)).toBeUndefined();
  const { code, out } = (await followed) ?? expect.fail();
  expect(code).toBe(0);
  const statuses = out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { status: string }).status);
  expect(statuses[0]).toBe('RECORDING');
  expect(statuses.at(-1)).toBe('COMPLETE');

  expect(refusals).toMatchObject([{ code: 4 }, { code: 4 }]);
  expect(refusals[0]?.err).toContain('still runs');
  expect(refusals[1]?.err).toContain('nothing was erased');
  expect(system.stepFunctions.executions()).toHaveLength(1);
  expect(await shown(call)).toMatchObject({ status: 'COMPLETE', attempts: 1 });
  await expectWhole(call);
});

test('with nothing left to read, the record says so', async () => {
  const call = produced(BOTH);
  await interrupted(call);
  // The stream's clock is this one: its retention (a day) has passed.
  const nowMs = Date.now() + 25 * 3_600_000;
  vi.spyOn(systemClock, 'now').mockReturnValue(nowMs);

  const resumed = await cli('calls', 'resume', recordingId(call), '--yes', '--wait');

  expect(resumed.code).toBe(4);
  expect(resumed.err).toContain('in the stream: nothing of that time any more');
  expect(await shown(call)).toMatchObject({ status: 'INCOMPLETE' });
  const wav = join(dir, 'part.wav');
  expect(await cli('calls', 'fetch', recordingId(call), '--out', wav)).toMatchObject({ code: 4 });
  const kept = readWav(await readFile(wav)).channels;
  const frames = kept[0]?.length ?? 0;
  expect(frames).toBeGreaterThanOrEqual(24_000);
  expect(frames).toBeLessThan(56_000);
  const asFar = BOTH.map((side) => side.slice(0, frames));
  expect(difference(kept, asFar)).toBeUndefined();
});
