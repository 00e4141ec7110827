/** What whoever looks at a call can do about it now. */
import type { ExecutionState } from '../../ports/executions/execution-states.ts';
import { type CallRecord, isFinal } from '../../recording/call-record.ts';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import type { Access } from '../access/access.ts';

export interface Standing {
  readonly call: CallRecord;
  /** Undefined where no task has claimed the recording, or its checkpoint has expired. */
  readonly checkpoint: Checkpoint | undefined;
  /** The state of the execution that owns the recording now. */
  readonly state: ExecutionState;
}

/** @returns a sentence for each thing; none where all is well, or is being done by itself */
export function adviceOn(access: Pick<Access, 'howToGoOn'>, { call, checkpoint, state }: Standing): string[] {
  const { status, recordingId } = call;
  if (status === 'COMPLETE' || state === 'running') return [];
  const goOn = access.howToGoOn(recordingId);
  if (!isFinal(status))
    return [`nothing records or assembles it any more: ${goOn}`, ...tapeAdvice(call, checkpoint)];
  if (status === 'FAILED') return [...tapeAdvice(call, checkpoint), `when the cause is gone, ${goOn}`];
  return [goOn];
}

/** The tape outlives the checkpoint: where there is none, it may be there. */
function tapeAdvice({ recordingId }: CallRecord, checkpoint: Checkpoint | undefined): string[] {
  if (checkpoint?.counters.fragments === 0) return [];
  return [`callspool calls fetch ${recordingId} makes a WAV of what is on the tape`];
}
