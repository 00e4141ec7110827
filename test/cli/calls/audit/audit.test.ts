/** `calls audit`: what finished recordings would come to by the rules of now, and what is mended of that. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditCalls } from '../../../../cli/calls/audit/command.ts';
import type { CallRecord } from '../../../../recording/call-record.ts';
import { executionName } from '../../../../recording/identity.ts';
import { tapePrefix } from '../../../../recording/tape/keys.ts';
import { RECORDING } from '../../../support/call.ts';
import { callspool } from '../../../support/cli.ts';
import { MemoryAccess } from '../../../support/cli-access.ts';
import { ioForTest } from '../../../support/io.ts';
import { writeLocalDir } from '../../../support/local-dir.ts';
import { noise, produced, silenced } from '../../../support/local-run.ts';
import { putOnTape, type RecordedCall, recordedCall } from '../../../support/recorded-call.ts';
import { RecordingWorld } from '../../../support/recording-world.ts';

const CALL = produced([noise(4_000, 1), silenced(noise(4_000, 2), 1_000, 3_000)], {
  gaps: [{ channel: 1, startMs: 1_000, lengthMs: 2_000 }],
});
const DAY = ['--day', '2026-03-14'];
const OTHER_CONTACT = '77777777-31c7-4a3e-9a63-8f5c7d21e0ab';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-audit-'));
});
afterEach(() => rm(dir, { recursive: true }));

const local = () => join(dir, 'local-out');
const audit = (...args: string[]) => callspool(['calls', 'audit', ...DAY, ...args], { cwd: dir });

/** What an assembly with other rules, or a broken disk, has left. */
function otherAudio({ record }: RecordedCall): Partial<CallRecord> {
  const { audio, durationMs = 0 } = record;
  if (!audio) throw new Error('the test’s call has audio');
  return {
    audio: { ...audio, sha256: '0'.repeat(64), frames: audio.frames + 8_000 },
    durationMs: durationMs + 1_000,
  };
}

describe('on a local run’s folder', () => {
  test('finds nothing amiss with what comes out the same', async () => {
    await writeLocalDir(local(), [[CALL, recordedCall(CALL)]]);
    const { code, out } = await audit();
    expect(out).toContain('1 finished recording: 1 as they should be');
    expect(code).toBe(0);
  });

  test('tells of another audio, and of how long it would be', async () => {
    await writeLocalDir(local(), [[CALL, recordedCall(CALL, otherAudio(recordedCall(CALL)))]]);
    const { code, out } = await audit();
    expect(out).toMatch(/COMPLETE\n {2}audio: 0:05 would come out otherwise, 0:04 long/);
    expect(out).toContain('1 would come out otherwise');
    expect(out).toContain('2026-03-14 09:26:53 UTC');
    expect((await audit('--time-zone', 'Asia/Tokyo')).out).toContain('2026-03-14 18:26:53 +09:00');
    expect(code).toBe(4);
  });

  test('tells of a COMPLETE that isn’t', async () => {
    const one = recordedCall(CALL);
    const loss = { kind: 'CUT_AT_LIMIT', why: 'the call went on' } as const;
    const checkpoint = { ...one.checkpoint, losses: [loss] };
    const verification = { method: 'NONE', at: one.record.startedAt } as const;
    await writeLocalDir(local(), [[CALL, { ...one, record: { ...one.record, verification }, checkpoint }]]);
    const { code, out } = await audit();
    expect(out).toContain('status: would be INCOMPLETE: the call went on');
    expect(code).toBe(4);
  });

  test('leaves alone what the tape has expired of', async () => {
    const one = recordedCall(CALL);
    await writeLocalDir(local(), [[CALL, one]]);
    const tape = join(local(), 's3', 'callspool-recordings', tapePrefix(CALL));
    const [first = '', ...others] = (await readdir(tape)).sort();
    await rm(join(tape, first));
    const { code, out } = await audit();
    expect(out).toContain('stays as it is: the tape gives');
    expect(code).toBe(0);
    for (const name of others) await rm(join(tape, name));
    expect((await audit()).out).toContain('1 whose tape has expired');
  });

  test('can’t mend: its stream ended with it', async () => {
    await writeLocalDir(local(), [[CALL, recordedCall(CALL, otherAudio(recordedCall(CALL)))]]);
    const { code, err } = await audit('--mend', '--yes');
    expect(err).toContain('could not be mended');
    expect(code).toBe(1);
  });
});

describe('where there is a workflow', () => {
  const RANGE = { day: '2026-03-14' };

  async function deployed(facts: Partial<CallRecord>): Promise<{ access: MemoryAccess; one: RecordedCall }> {
    const access = new MemoryAccess();
    const one = recordedCall(CALL, { executionArn: access.executions.arnOf(executionName(CALL)), ...facts });
    access.set(one.record);
    await putOnTape(access.tape, CALL, one);
    const { recordingId, executionArn } = one.record;
    await access.checkpoints.fence(recordingId, executionArn, {
      reason: 'DISCONNECTED',
      at: one.record.startedAt,
    });
    return { access, one };
  }

  test('changes nothing without --mend, and nothing of what is as it should be', async () => {
    const { access } = await deployed(otherAudio(recordedCall(CALL)));
    expect(await auditCalls(access, ioForTest(), { ...RANGE, mend: false, yes: false })).toBe(4);
    const sound = await deployed({});
    expect(await auditCalls(sound.access, ioForTest(), { ...RANGE, mend: true, yes: true })).toBe(0);
    expect([...access.executions.executions, ...sound.access.executions.executions]).toEqual([]);
  });

  test('hands over what would come out otherwise, COMPLETE or not, and assembles it again', async () => {
    const { access, one } = await deployed(otherAudio(recordedCall(CALL)));
    expect(await auditCalls(access, ioForTest(), { ...RANGE, mend: true, yes: true })).toBe(0);
    expect([...access.executions.executions.keys()]).toEqual([executionName(CALL, 1)]);
    expect(await access.checkpoints.read(one.record.recordingId)).toMatchObject({
      owner: access.executions.arnOf(executionName(CALL, 1)),
    });
  });

  test('finds what a task stored after the last assembly, and hands it over', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    const access = new MemoryAccess(world);
    world.talk(0, 25);
    await world.hangUpAt(25);
    await world.record();
    const [first = ''] = world.tape.keys;
    const bytes = Buffer.concat(await world.tape.read(first));
    world.tape.tamper(first, undefined);
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'INCOMPLETE' });
    const range = { day: call?.day };
    const ioNow = () => ioForTest({ clock: world.clock });
    expect(await auditCalls(access, ioNow(), { ...range, mend: true, yes: true })).toBe(0);
    expect(access.executions.executions.size).toBe(0);

    world.tape.tamper(first, bytes);
    const io = ioNow();
    expect(await auditCalls(access, io, { ...range, mend: false, yes: false })).toBe(4);
    expect(io.said.out).toContain('status: would be COMPLETE');
    expect(await auditCalls(access, ioNow(), { ...range, mend: true, yes: true })).toBe(0);
    expect([...access.executions.executions.keys()]).toEqual([executionName(RECORDING, 1)]);
  });

  test('leaves a transferred contact’s alone, which began in another’s session', async () => {
    const { access, one } = await deployed({ sharesStreamWith: `${OTHER_CONTACT}_1` });
    const { recordingId } = one.record;
    const loss = { kind: 'START_MISSING', why: 'the stream had forgotten' } as const;
    access.checkpoints.tamper(recordingId, { ...access.checkpoints.item(recordingId), losses: [loss] });
    const io = ioForTest();
    expect(await auditCalls(access, io, { ...RANGE, mend: false, yes: false })).toBe(0);
    expect(io.said.out).toContain('1 as they should be');
  });

  test('never what would come out with less than there is', async () => {
    const { access } = await deployed(otherAudio(recordedCall(CALL)));
    const [first] = access.tape.history;
    access.tape.tamper(first?.object.key ?? '', undefined);
    expect(await auditCalls(access, ioForTest(), { ...RANGE, mend: true, yes: true })).toBe(0);
    expect(access.executions.executions.size).toBe(0);
  });

  test('judges the others where a record is damaged', async () => {
    const { access, one } = await deployed({});
    const { startFragmentNumber } = one.record;
    const damaged = { ...one.record, contactId: 'damaged', durationMs: 'long' };
    access.calls.tamper({ contactId: 'damaged', startFragmentNumber }, damaged);
    const io = ioForTest();
    expect(await auditCalls(access, io, { ...RANGE, mend: false, yes: false })).toBe(4);
    expect(io.said.err).toContain('can’t be judged: an item of the calls table (contact damaged');
    expect(io.said.out).toContain('2 finished recordings: 1 as they should be, 1 that could not be judged');
  });

  test('judges the others where one can’t be', async () => {
    const { access } = await deployed({});
    access.tape.read = () => Promise.reject(new Error('SlowDown'));
    const io = ioForTest();
    expect(await auditCalls(access, io, { ...RANGE, mend: false, yes: false })).toBe(4);
    expect(io.said.err).toContain('can’t be judged: SlowDown');
  });
});
