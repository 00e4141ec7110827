/** Nobody makes or completes the record of an erased recording; all else is asked of the table as it is. */
import { describe, expect, it } from 'vitest';
import { CallsUnlessErased } from '../../../ports/calls/calls-unless-erased.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import { TableRecordTranscript } from '../../../ports/calls/record-transcript.ts';
import { RecordingErased } from '../../../ports/checkpoints/checkpoints.ts';
import { EMPTY_COMPLETION } from '../../support/completion.ts';
import { RecordingWorld } from '../../support/recording-world.ts';

const BY = { beganAtMs: 1_000, id: 'a' };
const LATER = { beganAtMs: 2_000, id: 'b' };

function given() {
  const world = new RecordingWorld();
  const { assembleInput, checkpoints, newCall, recording } = world;
  const table = new MemoryCalls();
  const calls = new CallsUnlessErased(table, checkpoints);
  return {
    table,
    calls,
    recording,
    newCall,
    facts: assembleInput,
    erase: () => checkpoints.erase(newCall.recordingId, 0),
  };
}

describe('a recording that has been erased', () => {
  it('gets no record', async () => {
    const { table, calls, newCall, erase } = given();
    await erase();
    const created = calls.create(newCall, BY);
    await expect(created).rejects.toThrow(RecordingErased);
    await expect(created).rejects.toMatchObject({
      name: 'RecordingErased',
      message: `recording ${newCall.recordingId} has been erased`,
    });
    expect(table.history).toEqual([]);
  });

  it('gets no result', async () => {
    const { table, calls, recording, newCall, facts, erase } = given();
    await calls.create(newCall, BY);
    const claim = await calls.assembling(recording, newCall.executionArn, 0, facts);
    await erase();
    await expect(calls.complete(claim, EMPTY_COMPLETION, {})).rejects.toThrow(RecordingErased);
    expect((await table.get(recording))?.status).toBe('ASSEMBLING');
  });
});

describe('any other recording', () => {
  it('has its record made by whom it is started, and its result', async () => {
    const { calls, recording, newCall, facts } = given();
    expect(await calls.create(newCall, BY)).toBeUndefined();
    expect(await calls.create(newCall, BY)).toEqual(newCall);
    expect(await calls.get(recording)).toEqual(newCall);
    expect(await calls.ofContact(recording.contactId)).toEqual([newCall]);
    const claim = await calls.assembling(recording, newCall.executionArn, 0, facts);
    await calls.confirm(claim);
    expect(
      await calls.complete(claim, EMPTY_COMPLETION, { disconnectedAt: newCall.startedAt }),
    ).toMatchObject({
      status: 'EMPTY',
      disconnectedAt: newCall.startedAt,
    });
    await expect(calls.confirm({ ...claim, assembly: 'another' })).rejects.toThrow();
  });

  it('is told that it could not be started, and started again', async () => {
    const { calls, recording, newCall } = given();
    await calls.create(newCall, BY);
    await calls.startFailed(recording, newCall.executionArn, 'throttled', BY);
    expect(await calls.get(recording)).toMatchObject({ status: 'FAILED', why: 'throttled' });
    expect(await calls.startAgain(recording, newCall.executionArn, LATER)).toBe(true);
    expect(await calls.startAgain(recording, 'another', LATER)).toBe(false);
  });

  it('learns of events, and where its streaming stopped', async () => {
    const { calls, recording, newCall } = given();
    await calls.create(newCall, BY);
    await calls.learn(recording, { disconnectedAt: newCall.startedAt }, newCall.startedAt);
    await calls.streamingStopped(recording, recording.startFragmentNumber);
    expect(await calls.get(recording)).toMatchObject({
      disconnectedAt: newCall.startedAt,
      stopFragmentNumber: newCall.startFragmentNumber,
    });
  });
});

describe('what was written down', () => {
  it('is noted in a record, and makes none', async () => {
    const { table, recording, newCall } = given();
    const transcript = new TableRecordTranscript(table.table);
    await transcript.transcribed(recording, { why: 'nobody spoke' });
    expect(await table.get(recording)).toBeUndefined();
    await table.create(newCall);
    await transcript.transcribed(recording, { why: 'nobody spoke' });
    expect(await table.get(recording)).toEqual({ ...newCall, transcript: { why: 'nobody spoke' } });
    expect(table.history.map(({ operation }) => operation)).toEqual(['create', 'transcribed']);
  });
});
