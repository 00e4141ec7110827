/** What is written of a recording while somebody erases it goes again. */
import { beforeEach, expect, test } from 'vitest';
import { writtenUnlessErased } from '../../../cli/calls/written-unless-erased.ts';
import { RecordingErased } from '../../../ports/checkpoints/checkpoints.ts';
import { MemoryRecordings } from '../../../ports/recordings/memory-recordings.ts';
import { MemoryTape } from '../../../ports/tape/memory-tape.ts';
import { transcriptKey } from '../../../recording/audio/files/keys.ts';
import { parseRecordingId } from '../../../recording/identity.ts';
import { segment } from '../../recording/transcript/rows.ts';
import { MemoryAccess } from '../../support/cli-access.ts';
import { produced } from '../../support/local-run.ts';
import { MemoryObjects } from '../../support/memory-objects.ts';
import { recordedCall } from '../../support/recorded-call.ts';

const { record: call } = recordedCall(produced([new Int16Array(8_000), new Int16Array(8_000)]));
const KEY = transcriptKey(parseRecordingId(call.recordingId), new Date(call.startedAt), 'txt');

let access: MemoryAccess;
let objects: MemoryObjects;
beforeEach(() => {
  access = new MemoryAccess();
  objects = new MemoryObjects(new MemoryTape(), new MemoryRecordings());
  access.objectsOf = () => objects;
  access.set(call);
});

async function write(): Promise<string> {
  await access.transcripts.put({ ...segment('a secret', { startMs: 0 }), recordingId: call.recordingId });
  await objects.put(KEY, Buffer.from('a secret'), 'text/plain');
  return 'written';
}

test('it stays where nobody does', async () => {
  expect(await writtenUnlessErased(access, call, write)).toBe('written');
  expect(objects.keys).toEqual([KEY]);
  await expect(
    writtenUnlessErased(access, call, () => Promise.reject(new Error('broke off'))),
  ).rejects.toThrow('broke off');
  expect(await access.transcripts.ofRecording(call.recordingId)).toHaveLength(1);
});

test.each([
  ['with its tombstone, before the last write', () => access.checkpoints.erase(call.recordingId, 1_000)],
  ['and its record with it', () => access.erasure.eraseCall(parseRecordingId(call.recordingId))],
])('it goes where it is erased: %s', async (_, erase) => {
  const written = writtenUnlessErased(access, call, async () => {
    await erase();
    return write();
  });
  await expect(written).rejects.toThrow(RecordingErased);
  expect([objects.keys, await access.transcripts.ofRecording(call.recordingId)]).toEqual([[], []]);
});

test('it goes where it was, and writing broke off then', async () => {
  const written = writtenUnlessErased(access, call, async () => {
    await write();
    await access.checkpoints.erase(call.recordingId, 1_000);
    throw new Error('broke off');
  });
  await expect(written).rejects.toThrow(RecordingErased);
  expect([objects.keys, await access.transcripts.ofRecording(call.recordingId)]).toEqual([[], []]);
});
