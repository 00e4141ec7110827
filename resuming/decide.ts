/**
 * What resuming a recording takes. The owner of a checkpoint is the truth; where a crash has left things is told
 * from it and from how its execution stands:
 *
 * | owner's execution | `ended` | what has happened | what to do |
 * |---|---|---|---|
 * | running | | a task records, or the assembly is under way | nothing: leave it alone |
 * | over | | the execution is through with it | hand over to the next execution, start that |
 * | unknown | no | handed over, and not started (we crashed in between) | start it |
 * | unknown | yes | Step Functions has forgotten it | hand over to the next execution, start that |
 *
 * Without an owner no task ever ran: the record's own execution is started, or, where that is over, the next one.
 * A recording that says COMPLETE is left alone, unless that is asked for: it may turn out to be wrong.
 *
 * Every step may be taken twice, and by two people at once: the handover is one conditional write, and starting
 * the same name with the same input while it runs is no second start.
 */
import type { Executions } from '../ports/executions/executions.ts';
import type { CallRecord } from '../recording/call-record.ts';
import type { Checkpoint } from '../recording/checkpoint.ts';
import { executionName, parseRecordingId, type Recording } from '../recording/identity.ts';
import type { ResumeAccess } from './access.ts';
import { NotResumed } from './errors.ts';

export type ResumeStep =
  /** Every fragment known of is in the WAV. */
  | { readonly kind: 'complete' }
  | { readonly kind: 'running'; readonly executionArn: string }
  | { readonly kind: 'start'; readonly name: string; readonly executionArn: string }
  | {
      readonly kind: 'handOver';
      readonly from: string;
      readonly name: string;
      readonly executionArn: string;
    };

export interface ResumeSituation {
  readonly call: CallRecord;
  readonly checkpoint: Checkpoint | undefined;
  readonly step: ResumeStep;
}

export interface HowToLook {
  /** A recording that says COMPLETE is resumed like any other: somebody knows better. */
  readonly force?: boolean;
}

/** @throws NotResumed when there is no such recording (any more) */
export async function situationOf(
  access: ResumeAccess,
  recording: Recording,
  how: HowToLook = {},
): Promise<ResumeSituation> {
  const call = await access.calls.get(recording);
  if (call === undefined)
    throw new NotResumed('gone', `there is no record of ${executionName(recording)} any more`);
  const checkpoint = await access.checkpoints.read(call.recordingId);
  if (checkpoint?.erasedAt !== undefined) throw new NotResumed('gone', `${call.recordingId} has been erased`);
  return { call, checkpoint, step: await decide(access, call, checkpoint, how.force === true) };
}

async function decide(
  access: ResumeAccess,
  call: CallRecord,
  checkpoint: Checkpoint | undefined,
  force: boolean,
): Promise<ResumeStep> {
  const complete = call.status === 'COMPLETE' && !force;
  const executions = access.executionsOf(call);
  const holder = checkpoint?.owner ?? call.executionArn;
  const state = await access.states.stateOf(holder);
  if (state === 'running') return { kind: 'running', executionArn: holder };
  const neverStarted = state === 'unknown' && checkpoint?.ended === undefined;
  if (neverStarted && (checkpoint?.owner !== undefined || call.status !== 'COMPLETE')) {
    return { kind: 'start', name: nameIn(executions, holder), executionArn: holder };
  }
  if (complete) return { kind: 'complete' };
  const next = await nextExecution(access, executions, parseRecordingId(call.recordingId), holder);
  return checkpoint?.owner === undefined
    ? { kind: 'start', ...next }
    : { kind: 'handOver', from: checkpoint.owner, ...next };
}

const RESUMPTIONS_MAX = 1_000;

/** The first name behind the holder's that was never used. */
async function nextExecution(
  access: ResumeAccess,
  executions: Executions,
  recording: Recording,
  holder: string,
) {
  const used = resumptionOf(recording, holder);
  for (let resumption = used + 1; resumption <= used + RESUMPTIONS_MAX; resumption += 1) {
    const name = executionName(recording, resumption);
    const executionArn = executions.arnOf(name);
    if ((await access.states.stateOf(executionArn)) === 'unknown') return { name, executionArn };
  }
  throw new NotResumed(
    'exhausted',
    `${executionName(recording)} has been resumed more than ${RESUMPTIONS_MAX} times`,
  );
}

/** n of an execution called `<recordingId>-r<n>`; 0 for the first one. */
export function resumptionOf(recording: Recording, executionArn: string): number {
  const name = executionArn.slice(executionArn.lastIndexOf(':') + 1);
  const [, digits] = /-r(\d{1,6})$/.exec(name) ?? [];
  const resumption = Number(digits ?? 0);
  return name === executionName(recording, resumption) ? resumption : 0;
}

/** @throws NotResumed when the execution isn't of this workflow */
function nameIn(executions: Executions, executionArn: string): string {
  const name = executionArn.slice(executionArn.lastIndexOf(':') + 1);
  if (executions.arnOf(name) === executionArn) return name;
  throw new NotResumed(
    'foreign',
    `the recording belongs to ${executionArn}, which is not of this state machine`,
    'leave out --state-machine-arn, or name the right one',
  );
}
