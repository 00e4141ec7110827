/** How far a run goes, and what it tells of what it did. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createHandler } from '../../../functions/resume/handler.ts';
import { LOOKED_AT_MAX, resumeBrokenOff, RESUMED_MAX } from '../../../functions/resume/run.ts';
import { MediaError } from '../../../ports/media/media.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import { executionName, type Recording, recordingId } from '../../../recording/identity.ts';
import { RECORDING, recordOf } from '../../support/call.ts';
import { MemoryAccess } from '../../support/cli-access.ts';
import { invocation } from '../../support/invocation.ts';
import { settled } from '../../support/manual-clock.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW_MS = Date.parse('2026-03-20T00:00:00.000Z');

let access: MemoryAccess;
let telemetry: RecordedTelemetry;

beforeEach(() => {
  access = new MemoryAccess();
  access.nowMs = NOW_MS;
  telemetry = new RecordedTelemetry();
});

const run = () => resumeBrokenOff({ access, telemetry });
const of = (contactId: string): Recording => ({ ...RECORDING, contactId });
const ago = (ms: number) => new Date(NOW_MS - ms).toISOString();

/** A record whose execution was never started. */
function neverStarted(contactId: string, facts: Partial<CallRecord> = {}): CallRecord {
  const recording = of(contactId);
  const executionArn = access.executions.arnOf(executionName(recording));
  const startedAt = ago(2 * HOUR_MS);
  const record = recordOf(executionArn, { contactId, recordingId: recordingId(recording), startedAt });
  const call = { ...record, ...facts };
  access.set(call);
  return call;
}

/** The recorder stopped for good, and the stream holds nothing any more. */
async function nothingLeft(contactId: string): Promise<void> {
  const endedAt = ago(HOUR_MS);
  const { executionArn, recordingId: id } = neverStarted(contactId, {
    status: 'INCOMPLETE',
    endReason: 'RECORDER_GAVE_UP',
    endedAt,
  });
  await access.checkpoints.fence(id, executionArn, { reason: 'RECORDER_GAVE_UP', at: endedAt });
}

const started = () => [...access.executions.executions.keys()];

describe('a run looks at', () => {
  it.each<[string, CallRecord['status'], number, number]>([
    ['a recording of eleven minutes', 'RECORDING', 11 * MINUTE_MS, 1],
    ['none of nine minutes: whoever starts it is still at it', 'RECORDING', 9 * MINUTE_MS, 0],
    ['a recording of an hour, once', 'RECORDING', HOUR_MS, 1],
    ['a recording that has gone on for weeks', 'RECORDING', 500 * HOUR_MS, 1],
    ['an assembly, whenever the call began', 'ASSEMBLING', 500 * HOUR_MS, 1],
    ['what failed within four days', 'FAILED', 95 * HOUR_MS, 1],
    ['nothing that failed before', 'FAILED', 97 * HOUR_MS, 0],
    ['what is incomplete within four days', 'INCOMPLETE', 95 * HOUR_MS, 1],
    ['nothing that was incomplete before', 'INCOMPLETE', 97 * HOUR_MS, 0],
    ['what is empty within four days', 'EMPTY', 95 * HOUR_MS, 1],
    ['nothing that was empty before', 'EMPTY', 97 * HOUR_MS, 0],
    ['nothing that is complete', 'COMPLETE', HOUR_MS, 0],
  ])('%s', async (_, status, agoMs, looked) => {
    neverStarted('c', { status, startedAt: ago(agoMs) });

    expect(await run()).toMatchObject({ looked, failures: 0 });
  });
});

describe('a run goes no further than', () => {
  it('so many resumptions: it looks at little more', async () => {
    for (let nth = 0; nth < RESUMED_MAX + 50; nth += 1) neverStarted(`c-${String(nth)}`);
    const { states } = access;
    const stateOf = states.stateOf.bind(states);
    let asked = 0;
    // Some take longer than others, so that several are looked at when the last one may be resumed.
    states.stateOf = async (executionArn) => {
      asked += 1;
      for (let waits = asked % 3; waits >= 0; waits -= 1) await settled();
      return stateOf(executionArn);
    };

    const { looked, resumed } = await run();

    expect(resumed).toBe(RESUMED_MAX);
    expect(looked).toBeLessThan(RESUMED_MAX + 10);
  });

  it('so many records, of which half may be short calls under way', async () => {
    for (let nth = 0; nth < LOOKED_AT_MAX; nth += 1) {
      const short = neverStarted(`short-${String(nth)}`, { startedAt: ago(30 * MINUTE_MS) });
      await access.executions.start(executionName(of(short.contactId)), {
        ...short,
        live: 'off',
      });
    }
    neverStarted('failed', { status: 'FAILED', why: 'no Step Functions' });
    expect(await run()).toMatchObject({ looked: LOOKED_AT_MAX / 2 + 1, resumed: 1 });

    for (let nth = 0; nth < LOOKED_AT_MAX; nth += 1)
      neverStarted(`empty-${String(nth)}`, { status: 'EMPTY', endReason: 'DISCONNECTED' });
    expect(await run()).toMatchObject({ looked: LOOKED_AT_MAX });
  });

  it('its time: what has begun is finished, and the next run does the others', async () => {
    for (let nth = 0; nth < 20; nth += 1) neverStarted(`c-${String(nth)}`);
    const { states } = access;
    const stateOf = states.stateOf.bind(states);
    let asked = 0;
    states.stateOf = (executionArn) => {
      asked += 1;
      // Step Functions answers slowly today.
      if (asked === 8) access.nowMs += 210_001;
      return stateOf(executionArn);
    };

    const first = await run();

    expect(first.resumed).toBeGreaterThanOrEqual(8);
    expect(first.resumed).toBeLessThan(20);
    expect(first.looked).toBe(first.resumed);
    expect(await run()).toMatchObject({ resumed: 20 - first.resumed });
  });

  it('three and a half minutes, and so far it does go', async () => {
    for (let nth = 0; nth < 20; nth += 1) neverStarted(`c-${String(nth)}`);
    const { states } = access;
    const stateOf = states.stateOf.bind(states);
    states.stateOf = (executionArn) => {
      access.nowMs = NOW_MS + 210_000;
      return stateOf(executionArn);
    };

    expect(await run()).toMatchObject({ looked: 20, resumed: 20 });
  });
});

describe('its log tells of', () => {
  it('each recording that is resumed, and why; and of the run', async () => {
    const { contactId, executionArn } = neverStarted('c');

    await run();

    expect(telemetry.lines).toEqual([
      {
        level: 'info',
        message: expect.stringContaining('resumed') as unknown,
        fields: { contactId, executionArn, why: expect.stringContaining('RECORDING') as unknown },
      },
      {
        level: 'info',
        message: expect.stringContaining('looked') as unknown,
        fields: { looked: 1, resumed: 1, givenUp: 0, failures: 0 },
      },
    ]);
  });

  it('each that is given up, and why, and whether somebody should look', async () => {
    await nothingLeft('c');
    access.archive.list = () => Promise.reject(new MediaError('noRetention', 'it keeps none'));

    expect(await run()).toMatchObject({ givenUp: 1 });

    expect(telemetry.lines[0]).toEqual({
      level: 'warn',
      message: expect.stringContaining('given up') as unknown,
      fields: {
        contactId: 'c',
        why: expect.stringContaining('nothing to resume it for') as unknown,
        needsPerson: false,
      },
    });
  });

  it('one that can’t be resumed, and why; that is no failure', async () => {
    const foreign = 'arn:aws:states:us-east-1:000000000000:execution:another:c';
    neverStarted('c', { executionArn: foreign });

    expect(await run()).toMatchObject({ looked: 1, resumed: 0, failures: 0 });

    expect(telemetry.lines[0]).toEqual({
      level: 'info',
      message: expect.stringContaining('can’t be resumed') as unknown,
      fields: { contactId: 'c', reason: expect.stringContaining(foreign) as unknown },
    });
  });

  it.each<[string, object, object]>([
    ['which can’t be looked at now', {}, { contactId: 'c' }],
    ['whose name is none', { recordingId: 'none' }, { contactId: 'c' }],
    ['of which the index says what can’t be', { durationMs: 'long' }, {}],
  ])('a failure with one %s', async (_, damage, fields) => {
    const call = neverStarted('c');
    access.calls.tamper(call, { ...call, ...damage });
    access.states.stateOf = () => Promise.reject(new Error('no Step Functions'));

    expect(await run()).toMatchObject({ failures: 1 });

    expect(telemetry.lines[0]).toMatchObject({
      level: 'error',
      message: expect.stringContaining('could not be mended now') as unknown,
      fields,
      error: expect.any(Error) as unknown,
    });
    expect(telemetry.lines[0]?.fields).toEqual(fields);
  });
});

it('what somebody else gave up meanwhile is not counted twice', async () => {
  await nothingLeft('c');
  access.archive.list = () => Promise.reject(new MediaError('noRetention', 'it keeps none'));

  const reports = await Promise.all([run(), run()]);

  expect(reports.reduce((sum, { givenUp }) => sum + givenUp, 0)).toBe(1);
});

it('the schedule’s function gives what the run came to, and tells whose invocation its lines are of', async () => {
  const { contactId } = neverStarted('c');
  const handler = createHandler({ access, telemetry });

  expect(await handler({}, invocation('first'))).toEqual({ looked: 1, resumed: 1, givenUp: 0, failures: 0 });
  expect(await handler()).toMatchObject({ resumed: 0 });

  expect(telemetry.invocations).toEqual(['first']);
  expect(started()).toEqual([executionName(of(contactId))]);
});
