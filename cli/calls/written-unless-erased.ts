/**
 * A recording may be erased while it is written down, for which an erasure doesn't wait. So whoever has written looks for the tombstone
 * behind the last write, as the deployment's own programs do (functions/assemble/erased.ts), and removes what has come back.
 */
import { RecordingErased } from '../../ports/checkpoints/checkpoints.ts';
import { TRANSCRIPT_FORMATS, transcriptKey } from '../../recording/audio/files/keys.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import type { Access } from '../access/access.ts';

/** @throws RecordingErased where nothing is left of it; whatever the work throws otherwise */
export async function writtenUnlessErased<T>(
  access: Access,
  call: CallRecord,
  work: () => Promise<T>,
): Promise<T> {
  const [outcome] = await Promise.allSettled([work()]);
  if (await isErased(access, call.recordingId)) {
    await removeWords(access, call);
    throw new RecordingErased(call.recordingId);
  }
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

/** Its record goes last; of a local run there is no tombstone. */
async function isErased({ checkpoints, calls }: Access, id: string): Promise<boolean> {
  if ((await checkpoints.read(id))?.erasedAt !== undefined) return true;
  return (await calls.get(parseRecordingId(id))) === undefined;
}

async function removeWords(access: Access, call: CallRecord): Promise<void> {
  const { recordingId, startedAt } = call;
  const recording = parseRecordingId(recordingId);
  const keys = TRANSCRIPT_FORMATS.map((format) => transcriptKey(recording, new Date(startedAt), format));
  await access.transcripts.erase(recordingId);
  await access.objectsOf(call).erase(keys.map((key) => ({ key, bytes: 0 })));
}
