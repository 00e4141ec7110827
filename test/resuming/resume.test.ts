import { beforeEach, describe, expect, test } from 'vitest';
import type { CallRecord } from '../../recording/call-record.ts';
import { executionName, recordingId } from '../../recording/identity.ts';
import { type HowToLook, resumptionOf, situationOf } from '../../resuming/decide.ts';
import { interruptedCalls } from '../../resuming/interrupted.ts';
import { inputOf, resumeRecording } from '../../resuming/resume.ts';
import { RECORDING, RECORDING_ID, recordOf, STARTED_AT } from '../support/call.ts';
import { MemoryAccess } from '../support/cli-access.ts';

let access: MemoryAccess;
const FIRST = executionName(RECORDING);
const arn = (resumption: number) => access.executions.arnOf(executionName(RECORDING, resumption));

const record = (facts?: Partial<CallRecord>): CallRecord => recordOf(arn(0), facts);

const BY_HAND = { by: 'operator', why: 'a person wants it' } as const;
const resume = async (how?: HowToLook) =>
  resumeRecording(access, await situationOf(access, RECORDING, how), BY_HAND);
const started = () => [...access.executions.executions.keys()];

/** The first execution, which is over, or not. */
async function execution(resumption: number, over: boolean): Promise<void> {
  await access.executions.start(executionName(RECORDING, resumption), inputOf(record()));
  const standing = access.executions.executions.get(executionName(RECORDING, resumption));
  if (standing) standing.over = over;
}

beforeEach(() => {
  access = new MemoryAccess();
  access.set(record());
});

describe('what there is to do', () => {
  test('nothing, while the execution runs', async () => {
    await execution(0, false);
    await access.checkpoints.claim(RECORDING_ID, arn(0));
    expect(await resume()).toEqual({ kind: 'running', executionArn: arn(0) });
    expect((await access.checkpoints.read(RECORDING_ID))?.attempt).toBe(1);
  });

  test('nothing, where every fragment is in the WAV', async () => {
    await execution(0, true);
    await access.checkpoints.fence(RECORDING_ID, arn(0), { reason: 'DISCONNECTED', at: STARTED_AT });
    access.set(record({ status: 'COMPLETE' }));
    expect(await resume()).toEqual({ kind: 'complete' });
    expect(started()).toEqual([FIRST]);
  });

  test('a handover and a start, where the owner is over: `ended` goes, the attempt counts on', async () => {
    await execution(0, true);
    await access.checkpoints.claim(RECORDING_ID, arn(0));
    await access.checkpoints.fence(RECORDING_ID, arn(0), { reason: 'RECORDER_GAVE_UP', at: STARTED_AT });
    access.set(record({ status: 'INCOMPLETE' }));

    expect(await resume()).toEqual({ kind: 'started', executionArn: arn(1) });

    const checkpoint = await access.checkpoints.read(RECORDING_ID);
    expect(checkpoint).toMatchObject({ owner: arn(1), attempt: 3 });
    expect(checkpoint?.ended).toBeUndefined();
    expect(started()).toEqual([FIRST, executionName(RECORDING, 1)]);
    expect(access.executions.executions.get(executionName(RECORDING, 1))?.input).toEqual(inputOf(record()));
  });

  test('the first execution, where the connect function’s start had failed', async () => {
    const by = { beganAtMs: 0, id: 'the connect function' };
    access.calls.tamper(record(), undefined);
    await access.calls.create(record(), by);
    await access.calls.startFailed(RECORDING, arn(0), 'no Step Functions', by);
    expect(await resume()).toEqual({ kind: 'started', executionArn: arn(0) });
    const call = await access.calls.get(RECORDING);
    expect(call).toMatchObject({ status: 'RECORDING' });
    expect(call?.why).toBeUndefined();
  });

  test('the next execution, where the first was over before any task claimed', async () => {
    await execution(0, true);
    expect(await resume()).toEqual({ kind: 'started', executionArn: arn(1) });
    expect(await access.checkpoints.read(RECORDING_ID)).toBeUndefined();
  });

  test('the next one, where Step Functions has forgotten the owner', async () => {
    await access.checkpoints.fence(RECORDING_ID, arn(0), { reason: 'RECORDER_GAVE_UP', at: STARTED_AT });
    access.set(record({ status: 'FAILED' }));
    expect(await resume()).toEqual({ kind: 'started', executionArn: arn(1) });
  });

  test('nothing of a COMPLETE recording, unless that is asked for', async () => {
    await execution(0, true);
    await access.checkpoints.fence(RECORDING_ID, arn(0), { reason: 'NEXT_CONTACT', at: STARTED_AT });
    access.set(record({ status: 'COMPLETE' }));

    expect(await resume()).toEqual({ kind: 'complete' });
    expect(await resume({ force: true })).toEqual({ kind: 'started', executionArn: arn(1) });

    expect((await access.checkpoints.read(RECORDING_ID))?.owner).toBe(arn(1));
    // While it runs it is nobody's to resume, whoever knows better.
    expect(await resume({ force: true })).toEqual({ kind: 'running', executionArn: arn(1) });
  });

  test('and each resumption is noted, with who it was and what for', async () => {
    await execution(0, true);
    await access.checkpoints.claim(RECORDING_ID, arn(0));
    access.nowMs = Date.parse(STARTED_AT);
    await resume();

    expect(await access.calls.get(RECORDING)).toMatchObject({
      executionArn: arn(1),
      resumptions: [{ at: STARTED_AT, ...BY_HAND }],
      resumptionCount: 1,
    });
  });

  test('names that were used by something else are passed over', async () => {
    await execution(0, true);
    await execution(1, true);
    await access.checkpoints.claim(RECORDING_ID, arn(0));
    expect(await resume()).toEqual({ kind: 'started', executionArn: arn(2) });
    expect((await access.checkpoints.read(RECORDING_ID))?.owner).toBe(arn(2));
  });
});

describe('crashes, repetitions and company', () => {
  beforeEach(async () => {
    await execution(0, true);
    await access.checkpoints.claim(RECORDING_ID, arn(0));
    await access.checkpoints.fence(RECORDING_ID, arn(0), { reason: 'RECORDER_GAVE_UP', at: STARTED_AT });
    access.set(record({ status: 'FAILED' }));
  });

  const faults = (['handOver', 'start'] as const).flatMap((operation) =>
    (['before', 'after'] as const).map((when) => [when, operation] as const),
  );
  test.each(faults)('a crash %s %s: run again, there is one new execution', async (when, operation) => {
    const crashing = new MemoryAccess();
    Object.assign(crashing, access);
    const crash = new Error('crash');
    if (operation === 'handOver') {
      Object.defineProperty(crashing, 'checkpoints', {
        value: {
          read: (id: string) => access.checkpoints.read(id),
          handOver: async (...args: [string, string, string]) => {
            if (when === 'after') await access.checkpoints.handOver(...args);
            throw crash;
          },
        },
      });
    } else {
      Object.defineProperty(crashing, 'executionsOf', {
        value: () => ({
          arnOf: (name: string) => access.executions.arnOf(name),
          start: async (name: string) => {
            if (when === 'after') await access.executions.start(name, inputOf(record()));
            throw crash;
          },
        }),
      });
    }
    await expect(resumeRecording(crashing, await situationOf(access, RECORDING), BY_HAND)).rejects.toBe(
      crash,
    );

    const again = await resume();

    const ranBefore = operation === 'start' && when === 'after';
    expect(again).toEqual({ kind: ranBefore ? 'running' : 'started', executionArn: arn(1) });
    expect(started()).toEqual([FIRST, executionName(RECORDING, 1)]);
    expect((await access.checkpoints.read(RECORDING_ID))?.owner).toBe(arn(1));
  });

  test('two at once: one resumes it, the other sees that it runs', async () => {
    const [one, other] = [await situationOf(access, RECORDING), await situationOf(access, RECORDING)];
    expect(await resumeRecording(access, one, BY_HAND)).toEqual({ kind: 'started', executionArn: arn(1) });
    expect(await resumeRecording(access, other, BY_HAND)).toEqual({ kind: 'running', executionArn: arn(1) });
    expect(started()).toHaveLength(2);
    expect((await access.checkpoints.read(RECORDING_ID))?.attempt).toBe(3);
  });

  test('a plan that was overtaken by a finished resumption changes nothing', async () => {
    const stale = await situationOf(access, RECORDING);
    await resume();
    await execution(1, true);
    await access.checkpoints.fence(RECORDING_ID, arn(1), { reason: 'DISCONNECTED', at: STARTED_AT });
    const before = await access.checkpoints.read(RECORDING_ID);

    expect(await resumeRecording(access, stale, BY_HAND)).toEqual({ kind: 'over', executionArn: arn(1) });
    expect(await access.checkpoints.read(RECORDING_ID)).toEqual(before);
    expect(started()).toHaveLength(2);
  });

  test('a plan that was overtaken twice leaves the running one alone', async () => {
    const stale = await situationOf(access, RECORDING);
    await resume();
    await execution(1, true);
    await resume();

    expect(await resumeRecording(access, stale, BY_HAND)).toEqual({ kind: 'running', executionArn: arn(2) });
    expect((await access.checkpoints.read(RECORDING_ID))?.owner).toBe(arn(2));
  });
});

describe('which recordings were interrupted', () => {
  const range = { from: '2026-01-01T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z' };
  const found = async () => (await interruptedCalls(access, range)).map(({ call }) => call.recordingId);

  test.each([
    ['RECORDING', undefined, true],
    ['ASSEMBLING', undefined, true],
    ['FAILED', 'DISCONNECTED', true],
    ['INCOMPLETE', 'RECORDER_GAVE_UP', true],
    ['INCOMPLETE', 'KEY_UNAVAILABLE', true],
    ['INCOMPLETE', 'DISCONNECTED', false],
    ['EMPTY', 'ACCESS_DENIED', true],
    ['EMPTY', 'DISCONNECTED', false],
    ['COMPLETE', 'DISCONNECTED', false],
  ] as const)('%s, ended by %s: %s', async (status, endReason, interrupted) => {
    await execution(0, true);
    access.set(record({ status, ...(endReason && { endReason }) }));
    expect(await found()).toEqual(interrupted ? [RECORDING_ID] : []);
  });

  test('none whose execution runs', async () => {
    await execution(0, false);
    expect(await found()).toEqual([]);
  });

  test.each<[string, object]>([
    ['the index', { durationMs: 'long' }],
    ['the record itself', { losses: 'none' }],
  ])('those beside one that is damaged, of which it is told, seen by %s', async (_, damage) => {
    await execution(0, true);
    access.set(record());
    const contactId = 'damaged';
    const key = { contactId, startFragmentNumber: RECORDING.startFragmentNumber.toString() };
    const other = { ...record(), contactId, recordingId: recordingId({ ...RECORDING, contactId }) };
    access.calls.tamper(key, { ...other, ...damage });
    const told: string[] = [];
    const situations = await interruptedCalls(access, range, ({ message }) => told.push(message));
    expect(situations.map(({ call }) => call.recordingId)).toEqual([RECORDING_ID]);
    expect(told).toEqual([expect.stringContaining('contact damaged')]);
  });

  test('none that began before the span', async () => {
    await execution(0, true);
    access.set(record({ startedAt: '2025-12-31T23:59:59.999Z' }));
    expect(await found()).toEqual([]);
  });
});

test('the number of a resumption is read from its execution’s name, and from no other', () => {
  expect(resumptionOf(RECORDING, arn(0))).toBe(0);
  expect(resumptionOf(RECORDING, arn(12))).toBe(12);
  expect(resumptionOf(RECORDING, 'arn:aws:states:us-east-1:1:execution:callspool:somebody-r7')).toBe(0);
});
