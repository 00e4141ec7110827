/** Takes the step that resumes a recording. */
import type { CallRecord } from '../recording/call-record.ts';
import { parseRecordingId } from '../recording/identity.ts';
import type { ExecutionInput } from '../recording/workflow.ts';
import type { ResumeAccess } from './access.ts';
import { NotResumed } from './errors.ts';
import { type Situation, situationOf } from './decide.ts';

/** Somebody else may be at it too, a few times over. */
const ROUNDS_MAX = 5;

export type Resumed =
  | { readonly kind: 'started'; readonly executionArn: string }
  /** Somebody else has started the same execution, and it is over by now. */
  | { readonly kind: 'over'; readonly executionArn: string }
  | { readonly kind: 'complete' }
  | { readonly kind: 'running'; readonly executionArn: string };

/**
 * First the handover, then the start: a crash between the two leaves an owner that was never started, which the next
 * call finds and starts.
 * @throws NotResumed, or what keeps it from being done now; it may be tried again
 */
export async function resumeRecording(access: ResumeAccess, situation: Situation): Promise<Resumed> {
  let { call, step } = situation;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if (step.kind === 'complete' || step.kind === 'running') return step;
    const { executionArn, name } = step;
    const ours =
      step.kind === 'start' || (await access.checkpoints.handOver(call.recordingId, step.from, executionArn));
    if (ours) {
      await reopen(access, call, executionArn);
      const started = await access.executionsOf(call).start(name, inputOf(call));
      return { kind: started === 'running' ? 'started' : 'over', executionArn };
    }
    // Another has handed it over: see how things stand now.
    ({ call, step } = await situationOf(access, parseRecordingId(call.recordingId)));
  }
  throw new NotResumed(
    'contended',
    'others are resuming the same recording',
    'look with calls show, and try again',
  );
}

/** A start that had failed for good is written in the record, which must not say FAILED while it runs. */
async function reopen(access: ResumeAccess, call: CallRecord, executionArn: string): Promise<void> {
  if (call.status === 'FAILED' && call.executionArn === executionArn) {
    await access.calls.startAgain(parseRecordingId(call.recordingId), executionArn);
  }
}

/** As the connect function gives it: StartExecution is only idempotent with the very same input. */
export function inputOf(call: CallRecord): ExecutionInput {
  const { recordingId, contactId, startFragmentNumber, streamArn, startedAt, instanceArn } = call;
  return { recordingId, contactId, startFragmentNumber, streamArn, startedAt, instanceArn };
}
