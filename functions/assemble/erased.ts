/**
 * What an assembly does about an erasure that came while it was at work: what it may have put back is removed by itself.
 *
 * S3 takes no condition on a DynamoDB item, so the tombstone is looked for after the last write: whatever was written
 * before the look is removed then, and nothing is written after it. An assembly that dies in between leaves what it wrote;
 * it has lived no longer than a function may, and an erasure lists again after that (cli/erase/).
 */
import type { AssembleInput } from '../../contract/workflow.ts';
import { CallsUnlessErased } from '../../ports/calls/calls-unless-erased.ts';
import { eraseTape } from '../../ports/tape/erase-tape.ts';
import { FILE_FORMATS } from '../../recording/audio/files/formats.ts';
import { fileKey, recordKey, TRANSCRIPT_FORMATS, transcriptKey } from '../../recording/audio/files/keys.ts';
import { parseRecording, recordingId } from '../../recording/identity.ts';
import type { AssemblyPorts, AssemblyResult } from './assembly-ports.ts';

type Assemble = (ports: AssemblyPorts) => Promise<AssemblyResult>;

/** @throws what the assembly throws, unless its recording has been erased; or what keeps that from being removed. */
export async function leavingNoTrace(
  ports: AssemblyPorts,
  input: AssembleInput,
  assemble: Assemble,
): Promise<AssemblyResult> {
  const calls = new CallsUnlessErased(ports.calls, ports.checkpoints);
  const [outcome] = await Promise.allSettled([assemble({ ...ports, calls })]);
  const recording = parseRecording(input.contactId, input.startFragmentNumber);
  const id = recordingId(recording);
  if (await isErased(ports, id)) {
    const startedAt = new Date(input.startedAt);
    for (const format of FILE_FORMATS) await ports.recordings.remove(fileKey(recording, startedAt, format));
    await ports.recordings.remove(recordKey(recording, startedAt));
    for (const format of TRANSCRIPT_FORMATS)
      await ports.recordings.remove(transcriptKey(recording, startedAt, format));
    await ports.transcripts?.erase(id);
    await eraseTape(ports.tape, recording);
    ports.telemetry.info('the recording has been erased; nothing is kept of it');
    return { recordingId: id, status: 'EMPTY' };
  }
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

/** What can't be told now changes nothing: the assembly looked before it completed the record. */
async function isErased({ checkpoints }: AssemblyPorts, id: string): Promise<boolean> {
  return checkpoints.read(id).then(
    (checkpoint) => checkpoint?.erasedAt !== undefined,
    () => false,
  );
}
