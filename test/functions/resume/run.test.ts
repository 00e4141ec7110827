import { beforeEach, describe, expect, it } from 'vitest';
import { LOOKED_AT_MAX, resumeBrokenOff, RESUMED_MAX } from '../../../functions/resume/run.ts';
import { MemoryExecutions } from '../../../ports/executions/memory-executions.ts';
import { MediaError, type MediaErrorKind } from '../../../ports/media/media.ts';
import type { CallRecord, Loss } from '../../../recording/call-record.ts';
import { executionName, recordingId } from '../../../recording/identity.ts';
import { RESUMPTIONS_MAX } from '../../../recording/resumptions.ts';
import { inputOf } from '../../../resuming/resume.ts';
import { RECORDING, RECORDING_ID, recordOf, STARTED_AT } from '../../support/call.ts';
import { MemoryAccess } from '../../support/cli-access.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const HOUR_MS = 3_600_000;
const ENDED_AT = new Date(Date.parse(STARTED_AT) + HOUR_MS).toISOString();

let access: MemoryAccess;
let telemetry: RecordedTelemetry;
const arnOf = (name: string) => new MemoryExecutions().arnOf(name);
const arn = (resumption: number) => arnOf(executionName(RECORDING, resumption));

const record = (facts?: Partial<CallRecord>): CallRecord => recordOf(arn(0), facts);

const MISSING: Loss = { kind: 'FRAGMENTS_MISSING', why: 'not to be had' };
const ended = (facts: Partial<CallRecord>): CallRecord => record({ endedAt: ENDED_AT, ...facts });

/** The record, and its execution, which is over. */
async function brokenOff(call: CallRecord): Promise<void> {
  await access.executions.start(executionName(RECORDING), inputOf(call));
  allOver();
  await access.checkpoints.claim(RECORDING_ID, arn(0));
  await access.checkpoints.fence(RECORDING_ID, arn(0), { reason: 'RECORDER_GAVE_UP', at: ENDED_AT });
  access.set(call);
}

function allOver(): void {
  for (const execution of access.executions.executions.values()) execution.over = true;
}

function archive(list: number | MediaErrorKind): void {
  access.archive = {
    list: () =>
      typeof list === 'number'
        ? Promise.resolve(
            Array.from({ length: list }, (_, nth) => ({
              number: RECORDING.startFragmentNumber + BigInt(nth),
              serverTimestampMs: undefined,
            })),
          )
        : Promise.reject(new MediaError(list, 'as the test wants it')),
    fetch: () => Promise.reject(new Error('nobody fetches')),
  };
}

const run = () => resumeBrokenOff({ access, telemetry });
const started = () => access.executions.executions.size - 1;

beforeEach(() => {
  access = new MemoryAccess();
  telemetry = new RecordedTelemetry();
  access.nowMs = Date.parse(ENDED_AT) + HOUR_MS;
  archive(100);
});

const verifiedAt = (ms: number) => ({ method: 'NONE', at: new Date(ms).toISOString() }) as const;

describe('what broke off', () => {
  it.each<[string, CallRecord]>([
    ['amid the call', record()],
    ['amid its assembly', record({ status: 'ASSEMBLING' })],
    [
      'when its assembly had failed for hours',
      ended({ status: 'FAILED', endReason: 'DISCONNECTED', error: '{}' }),
    ],
    ['before anything was assembled', record({ status: 'FAILED', why: 'no Step Functions' })],
    ['with fragments that are to be had', ended({ status: 'INCOMPLETE', endReason: 'RECORDER_GAVE_UP' })],
    ['for want of a right', ended({ status: 'EMPTY', endReason: 'ACCESS_DENIED' })],
    ['with nothing but losses', ended({ status: 'FAILED', endReason: 'RECORDER_GAVE_UP' })],
  ])('%s is resumed, once, and the record says so', async (_, call) => {
    await brokenOff(call);

    expect(await run()).toMatchObject({ resumed: 1, failures: 0 });
    expect(await run()).toMatchObject({ resumed: 0 });

    expect(started()).toBe(1);
    expect((await access.checkpoints.read(RECORDING_ID))?.owner).toBe(arn(1));
    const { resumptions = [] } = (await access.calls.get(RECORDING)) ?? {};
    expect(resumptions).toEqual([
      {
        at: new Date(access.nowMs).toISOString(),
        by: 'schedule',
        why: expect.stringContaining(call.status) as unknown,
      },
    ]);
    expect(telemetry.metrics[0]).toEqual({ Resumptions: 1, ResumptionsGivenUp: 0, ResumptionFailures: 0 });
  });

  it('is resumed where only the assembly had not found its fragments', async () => {
    await brokenOff(ended({ status: 'INCOMPLETE', endReason: 'DISCONNECTED', losses: [MISSING] }));
    access.archive = {
      ...access.archive,
      list: () =>
        Promise.resolve([
          { number: RECORDING.startFragmentNumber, serverTimestampMs: undefined },
          { number: RECORDING.startFragmentNumber + 5n, serverTimestampMs: undefined },
        ]),
    };
    const behind = { first: RECORDING.startFragmentNumber + 5n, last: RECORDING.startFragmentNumber + 9n };
    await access.tape.append(RECORDING, { ...behind, bytes: Buffer.from('stored') });

    expect(await run()).toMatchObject({ resumed: 1 });
  });

  it('is resumed, once, where its tape holds of the next recording, which nobody knew of yet', async () => {
    const atMs = Date.parse(ENDED_AT);
    const call = ended({
      status: 'INCOMPLETE',
      endReason: 'RECORDER_GAVE_UP',
      verification: verifiedAt(atMs),
    });
    await brokenOff(call);
    archive(0);
    const start = RECORDING.startFragmentNumber;
    await access.tape.append(RECORDING, { first: start, last: start + 5n, bytes: Buffer.from('of both') });
    const next = { ...RECORDING, startFragmentNumber: start + 5n };
    access.set(
      record({
        status: 'COMPLETE',
        startFragmentNumber: next.startFragmentNumber.toString(),
        recordingId: recordingId(next),
        executionArn: arnOf(executionName(next)),
        startedAt: new Date(atMs + 1_000).toISOString(),
      }),
    );

    // Whoever assembles just then may know of it, or not.
    access.nowMs = atMs + 15 * 60_000;
    expect(await run()).toMatchObject({ resumed: 0, givenUp: 0 });
    access.nowMs = atMs + HOUR_MS;
    expect(await run()).toMatchObject({ resumed: 1, givenUp: 0 });

    allOver();
    access.set({ ...call, verification: verifiedAt(access.nowMs) });
    access.nowMs += HOUR_MS;
    expect(await run()).toMatchObject({ resumed: 0, givenUp: 1 });
  });

  it('is resumed, once, where it may hold of a next recording that has been erased', async () => {
    const atMs = Date.parse(ENDED_AT);
    const call = ended({
      status: 'INCOMPLETE',
      endReason: 'RECORDER_GAVE_UP',
      verification: verifiedAt(atMs),
      nextStartFragmentNumber: (RECORDING.startFragmentNumber + 5n).toString(),
      nextKnownFrom: new Date(atMs + HOUR_MS).toISOString(),
    });
    await brokenOff(call);
    archive(0);
    access.nowMs = atMs + HOUR_MS - 1;
    expect(await run()).toMatchObject({ resumed: 0, givenUp: 0 });
    access.nowMs = atMs + HOUR_MS;
    expect(await run()).toMatchObject({ resumed: 1, givenUp: 0 });

    allOver();
    access.set({ ...call, verification: verifiedAt(access.nowMs) });
    access.nowMs += HOUR_MS;
    expect(await run()).toMatchObject({ resumed: 0, givenUp: 1 });
  });

  it('is started where the execution never was', async () => {
    access.set(record());

    expect(await run()).toMatchObject({ resumed: 1 });

    expect([...access.executions.executions.keys()]).toEqual([executionName(RECORDING)]);
  });
});

describe('left alone is', () => {
  it.each<[string, CallRecord]>([
    ['what is complete', ended({ status: 'COMPLETE', endReason: 'DISCONNECTED' })],
    ['what lacks something for good', ended({ status: 'INCOMPLETE', endReason: 'DISCONNECTED' })],
    [
      'a call that was cut at the longest allowed',
      ended({ status: 'INCOMPLETE', endReason: 'LONGEST_CALL' }),
    ],
    ['a call without audio', ended({ status: 'EMPTY', endReason: 'DISCONNECTED' })],
  ])('%s', async (_, call) => {
    await brokenOff(call);

    expect(await run()).toMatchObject({ resumed: 0, givenUp: 0, failures: 0 });
    expect(await access.calls.get(RECORDING)).toEqual(call);
  });

  it('what runs', async () => {
    await brokenOff(record());
    for (const execution of access.executions.executions.values()) execution.over = false;

    expect(await run()).toMatchObject({ resumed: 0 });
  });

  it('what has begun just now: whoever starts it is still at it', async () => {
    access.set(record());
    access.nowMs = Date.parse(STARTED_AT) + 60_000;

    expect(await run()).toMatchObject({ looked: 0, resumed: 0 });
  });

  it.each(['accessDenied', 'keyUnavailable', 'unavailable'] as const)(
    'what could not be read, while the stream says %s: nothing has changed',
    async (kind) => {
      await brokenOff(ended({ status: 'INCOMPLETE', endReason: 'ACCESS_DENIED' }));
      archive(kind);
      expect(await run()).toMatchObject({ resumed: 0, givenUp: 0 });

      archive(100);
      expect(await run()).toMatchObject({ resumed: 1 });
    },
  );
});

describe('given up is', () => {
  it.each(['noRetention', 'noSuchStream', 0] as const)(
    'quietly, what nothing is left to be had of: %s',
    async (list) => {
      await brokenOff(ended({ status: 'INCOMPLETE', endReason: 'RECORDER_GAVE_UP' }));
      archive(list);

      expect(await run()).toMatchObject({ resumed: 0, givenUp: 1 });
      expect(await run()).toMatchObject({ resumed: 0, givenUp: 0 });

      expect(started()).toBe(0);
      expect(telemetry.metrics).toMatchObject([{ ResumptionsGivenUp: 0 }, { ResumptionsGivenUp: 0 }]);
      expect((await access.calls.get(RECORDING))?.resumptions).toMatchObject([{ gaveUp: true }]);
    },
  );

  it.each<[string, CallRecord, CallRecord['status']]>([
    ['amid its assembly, which then is FAILED', record({ status: 'ASSEMBLING' }), 'FAILED'],
    ['with less than all', ended({ status: 'INCOMPLETE', endReason: 'RECORDER_GAVE_UP' }), 'INCOMPLETE'],
  ])('for a person, what breaks off every time %s', async (_, call, status) => {
    await brokenOff(call);
    let givenUp = 0;
    for (let run15 = 0; run15 < 4 * 48; run15 += 1) {
      givenUp += (await run()).givenUp;
      allOver();
      access.nowMs += 15 * 60_000;
    }

    expect(started()).toBe(RESUMPTIONS_MAX);
    expect(givenUp).toBe(1);
    expect(telemetry.metrics.filter(({ ResumptionsGivenUp }) => ResumptionsGivenUp === 1)).toHaveLength(1);
    expect(await access.calls.get(RECORDING)).toMatchObject({
      status,
      resumptionCount: RESUMPTIONS_MAX + 1,
    });
  });
});

describe('a run', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, nth) => {
      const startFragmentNumber = RECORDING.startFragmentNumber + BigInt(nth) * 1_000n;
      const recording = { ...RECORDING, startFragmentNumber };
      const id = recordingId(recording);
      return record({
        startFragmentNumber: startFragmentNumber.toString(),
        recordingId: id,
        executionArn: arnOf(executionName(recording)),
      });
    });

  it('resumes so many and no more; the next one resumes the others', async () => {
    for (const call of many(RESUMED_MAX + 7)) access.set(call);

    expect(await run()).toMatchObject({ resumed: RESUMED_MAX });
    expect(await run()).toMatchObject({ resumed: 7 });
    expect(await run()).toMatchObject({ resumed: 0 });
  });

  it('goes on where one recording can’t be mended, and counts it', async () => {
    const [bad, good] = many(2);
    if (!bad || !good) throw new Error('there are two');
    access.set(bad);
    access.set(good);
    const stateOf = (executionArn: string) =>
      executionArn === bad.executionArn
        ? Promise.reject(new Error('no'))
        : access.states.stateOf(executionArn);
    const { calls, queries, checkpoints, clock, executionsOf, tapeOf, archiveOf } = access;
    const failing = {
      calls,
      queries,
      checkpoints,
      clock,
      executionsOf,
      tapeOf,
      archiveOf,
      states: { stateOf },
    };

    expect(await resumeBrokenOff({ access: failing, telemetry })).toMatchObject({ resumed: 1, failures: 1 });
    expect(telemetry.metrics).toMatchObject([{ ResumptionFailures: 1 }]);
  });

  it.each<[string, object]>([
    ['the index', { durationMs: 'long' }],
    ['its name', { recordingId: 'none' }],
    ['the record itself', { losses: 'none' }],
  ])('goes on where a record is damaged, and counts it, seen by %s', async (_, damage) => {
    const [bad, good] = many(2);
    if (!bad || !good) throw new Error('there are two');
    access.set(good);
    access.calls.tamper(bad, { ...bad, ...damage });

    expect(await run()).toMatchObject({ resumed: 1, failures: 1 });
  });

  it('comes to what broke off, however many calls go on', async () => {
    const goOn = many(LOOKED_AT_MAX + 500).map((call) => ({ ...call, executionArn: `${arn(0)}-running` }));
    for (const call of goOn) access.set(call);
    await access.executions.start(`${executionName(RECORDING)}-running`, inputOf(record()));
    // All of them began an hour before the run; one began earlier, and one has failed.
    access.nowMs = Date.parse(STARTED_AT) + HOUR_MS;
    const before = new Date(Date.parse(STARTED_AT) - HOUR_MS).toISOString();
    const other = (contactId: string, facts: Partial<CallRecord>) => {
      const recording = { ...RECORDING, contactId };
      const executionArn = arnOf(executionName(recording));
      access.set(record({ contactId, recordingId: recordingId(recording), executionArn, ...facts }));
    };
    other('long-ago', { startedAt: before });
    other('failed', { status: 'FAILED', why: 'no Step Functions' });

    expect(await run()).toMatchObject({ resumed: 2, failures: 0 });
  });

  it('that comes twice at once resumes each recording once', async () => {
    for (const call of many(5)) access.set(call);

    const reports = await Promise.all([run(), run()]);

    expect(reports.reduce((sum, { resumed }) => sum + resumed, 0)).toBe(5);
    for (const { contactId } of many(5)) {
      for (const call of await access.calls.ofContact(contactId)) expect(call.resumptionCount).toBe(1);
    }
  });
});
