/** Takes the step that resumes a recording. */
import type { ExecutionInput } from '../contract/workflow.ts';
import type { Starter } from '../ports/calls/calls.ts';
import type { CallRecord } from '../recording/call-record.ts';
import { parseRecordingId } from '../recording/identity.ts';
import type { Resumption } from '../recording/resumptions.ts';
import type { ResumeAccess } from './access.ts';
import { type ResumeSituation, type ResumeStep, situationOf } from './decide.ts';
import { NotResumed } from './errors.ts';

/** Somebody else may be at it too, a few times over. */
const ROUNDS_MAX = 5;

export type Resumed =
  | { readonly kind: 'started'; readonly executionArn: string }
  /** Somebody else has started the same execution, and it is over by now. */
  | { readonly kind: 'over'; readonly executionArn: string }
  | { readonly kind: 'complete' }
  | { readonly kind: 'running'; readonly executionArn: string };

/** The record notes who resumes, and what for. */
export type Occasion = Pick<Resumption, 'by' | 'why'>;

/**
 * First the note in the record, then the handover, then the start: a crash between the last two leaves an owner that was
 * never started, which the next call finds and starts; and what was begun is counted, whatever came of it.
 * @throws NotResumed, or what keeps it from being done now; it may be tried again
 */
export async function resumeRecording(
  access: ResumeAccess,
  situation: ResumeSituation,
  occasion: Occasion,
): Promise<Resumed> {
  let { call, step } = situation;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if (step.kind === 'complete' || step.kind === 'running') return step;
    if (await take(access, call, step, occasion)) {
      const started = await access.executionsOf(call).start(step.name, inputOf(call));
      return { kind: started === 'exists' ? 'over' : 'started', executionArn: step.executionArn };
    }
    const planned = step.executionArn;
    // Another is resuming it, or has: see how things stand now.
    ({ call, step } = await situationOf(access, parseRecordingId(call.recordingId)));
    const isOpen = step.kind === 'start' || step.kind === 'handOver';
    if (isOpen && (await access.states.stateOf(planned)) === 'over')
      return { kind: 'over', executionArn: planned };
  }
  throw new NotResumed(
    'contended',
    'others are resuming the same recording',
    'look with calls show, and try again',
  );
}

/** Makes the recording the execution's. @returns false when somebody else has written in between. */
async function take(
  access: ResumeAccess,
  call: CallRecord,
  step: Extract<ResumeStep, { kind: 'start' | 'handOver' }>,
  occasion: Occasion,
): Promise<boolean> {
  const { executionArn } = step;
  const nowMs = access.clock.now();
  const by: Starter = { beganAtMs: nowMs, id: `resumed by ${occasion.by}` };
  const resumption: Resumption = { at: new Date(nowMs).toISOString(), ...occasion };
  if (!(await access.calls.resuming(call, resumption, executionArn, by))) return false;
  const ours =
    step.kind === 'start' || (await access.checkpoints.handOver(call.recordingId, step.from, executionArn));
  // A start that had failed for good is written in the record, which must not say FAILED while it runs.
  if (ours && call.status === 'FAILED')
    await access.calls.startAgain(parseRecordingId(call.recordingId), executionArn, by);
  return ours;
}

/** Makes the very input that the connect function gives: only with that is StartExecution idempotent. */
export function inputOf(call: CallRecord): ExecutionInput {
  const { recordingId, contactId, startFragmentNumber, streamArn, startedAt, instanceArn } = call;
  // A record of an earlier version knows nothing of it.
  const { live = 'off' } = call;
  return { recordingId, contactId, startFragmentNumber, streamArn, startedAt, instanceArn, live };
}
