/** How the recorder ended, as far as anybody knows: in its own word, or by a fence where it gave none. */
import { SAW_THE_END } from '../../recording/call-record.ts';
import type { Checkpoint, Ended } from '../../recording/checkpoint.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import type { AssemblyPorts } from './assembly-ports.ts';

const GAVE_UP_WHY =
  'the recorder stopped before the call was over, and no retry was left; find the cause in the task’s log, then ' +
  'resume the recording while the stream still holds the audio';

export type EndedCheckpoint = Checkpoint & { readonly ended: Ended };

/** Gives the checkpoint with `ended`: where the recorder gave up, it is fenced off and that is written now. */
export async function endedCheckpoint(
  ports: AssemblyPorts,
  recording: Recording,
  executionArn: string,
): Promise<EndedCheckpoint> {
  const id = recordingId(recording);
  const checkpoint = await ports.checkpoints.read(id);
  if (checkpoint?.ended) return { ...checkpoint, ended: checkpoint.ended };
  const gaveUp: Ended = {
    reason: 'RECORDER_GAVE_UP',
    at: new Date(ports.clock.now()).toISOString(),
    why: GAVE_UP_WHY,
  };
  const ended = (await endSeenBefore(ports, recording, checkpoint)) ?? gaveUp;
  const fenced = await ports.checkpoints.fence(id, executionArn, ended);
  return { ...fenced, ended: fenced.ended ?? ended };
}

/**
 * A resumption for which no task was to be had takes nothing from what was seen before; the record still tells of it
 * when the checkpoint has gone.
 */
async function endSeenBefore(
  { calls }: AssemblyPorts,
  recording: Recording,
  checkpoint: Checkpoint | undefined,
): Promise<Ended | undefined> {
  const before = checkpoint?.endedBefore;
  if (before) return SAW_THE_END.has(before.reason) ? before : undefined;
  if (checkpoint?.position) return undefined;
  const { endReason, endedAt } = (await calls.get(recording)) ?? {};
  if (endReason === undefined || endedAt === undefined || !SAW_THE_END.has(endReason)) return undefined;
  return { reason: endReason, at: endedAt };
}
