/**
 * What the deployment mends by itself, as a person would who looks at every recording that broke off:
 *
 * | record | lacks | resumed |
 * |---|---|---|
 * | RECORDING, ASSEMBLING, and its execution is over or was never started | its end | always |
 * | FAILED: never started, or the assembly failed for hours | its assembly | always |
 * | FAILED, INCOMPLETE, EMPTY after the recorder stopped; INCOMPLETE for fragments that were not to be had | audio | while the stream lists fragments that the tape lacks |
 * | the same, assembled before the contact's next recording was known, whose first fragments are, or were until that was erased, on the tape | its end | once |
 *
 * So nothing is resumed for which nothing can have changed; and what doesn't get better is given up after some
 * resumptions, further and further apart (recording/resumptions.ts). That is noted in the record, and a person's resumption
 * opens it again.
 */
import type { ContactCall } from '../ports/calls/calls.ts';
import type { MediaErrorKind } from '../ports/media/media.ts';
import { reachingTo } from '../ports/tape/cut-tape.ts';
import { type CallRecord, isFinal, SAW_THE_END } from '../recording/call-record.ts';
import { parseRecordingId, type Recording } from '../recording/identity.ts';
import { knownFromMs, SETTLED_MS } from '../recording/next-known.ts';
import { rangeAmong, type RecordingRange } from '../recording/range.ts';
import { RESUMPTIONS_MAX, turnOf } from '../recording/resumptions.ts';
import type { ResumeAccess } from './access.ts';
import { type ResumeSituation, situationOf } from './decide.ts';
import { stoppedEarly } from './interrupted.ts';
import { outlookOf } from './outlook.ts';

export type ScheduleDecision =
  /** Nothing is amiss, or it isn't its turn, or the cause still holds. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'resume'; readonly situation: ResumeSituation; readonly why: string }
  | {
      readonly kind: 'giveUp';
      readonly call: CallRecord;
      readonly why: string;
      /** Somebody should look at it; otherwise there is nothing to be had any more. */
      readonly needsPerson: boolean;
    };

const LEAVE: ScheduleDecision = { kind: 'leave' };

/** @throws NotResumed, or what keeps it from being judged now */
export async function judge(access: ResumeAccess, recording: Recording): Promise<ScheduleDecision> {
  const seen = await access.calls.get(recording);
  const nowMs = access.clock.now();
  if (seen === undefined || lacks(seen) === 'nothing') return LEAVE;
  if (!isItsTurn(seen, nowMs)) return LEAVE;

  const situation = await situationOf(access, recording);
  const { call, step } = situation;
  if (step.kind === 'running' || step.kind === 'complete') return LEAVE;
  const lacking = lacks(call);
  if (lacking === 'nothing' || !isItsTurn(call, nowMs)) return LEAVE;
  const toBeHad = lacking === 'media' ? await toBeHadFor(access, call, nowMs) : 'something';
  if (toBeHad === 'unknown') return LEAVE;
  if (toBeHad === 'nothing') {
    const why = 'the stream holds nothing any more that the tape lacks: there is nothing to resume it for';
    return { kind: 'giveUp', call, why, needsPerson: false };
  }
  return turnOf(call.resumptions ?? [], nowMs) === 'exhausted'
    ? { kind: 'giveUp', call, why: EXHAUSTED_WHY, needsPerson: true }
    : { kind: 'resume', situation, why: whyOf(call) };
}

function isItsTurn({ resumptions = [] }: CallRecord, nowMs: number): boolean {
  const turn = turnOf(resumptions, nowMs);
  return turn === 'now' || turn === 'exhausted';
}

const EXHAUSTED_WHY =
  `the recording was resumed ${RESUMPTIONS_MAX} times by the deployment’s schedule, and broke off again each time: find the ` +
  'cause in the logs of the task and the assemble function, and resume it by hand (callspool calls resume)';

/** What keeps the recording from being all that it could be. */
function lacks(call: CallRecord): 'nothing' | 'assembly' | 'media' {
  const { status, endReason, error, losses = [] } = call;
  if (!isFinal(status)) return 'assembly';
  if (status === 'FAILED' && (error !== undefined || endReason === undefined)) return 'assembly';
  if (status === 'COMPLETE' || endReason === undefined) return 'nothing';
  if (status === 'FAILED' || stoppedEarly(endReason)) return 'media';
  const notToBeHad = losses.some(({ kind }) => kind === 'FRAGMENTS_MISSING');
  return status === 'INCOMPLETE' && notToBeHad ? 'media' : 'nothing';
}

function whyOf({ status, endReason, error }: CallRecord): string {
  if (!isFinal(status)) return `${status}, and its execution is over`;
  if (error !== undefined) return `${status}: the assembly had failed for hours`;
  return `${status}: ${endReason ?? 'the execution could not be started'}`;
}

const NEVER_AGAIN: ReadonlySet<MediaErrorKind> = new Set(['noRetention', 'noSuchStream']);

type ToBeHad = 'something' | 'nothing' | 'unknown';

/** What another execution would have that this one hadn't. */
async function toBeHadFor(access: ResumeAccess, call: CallRecord, nowMs: number): Promise<ToBeHad> {
  const calls = await access.calls.ofContact(call.contactId);
  const range = rangeAmong(calls, parseRecordingId(call.recordingId));
  const knownMs = nextKnownFromMs(call, calls, range);
  if (knownMs !== undefined && (call.nextKnownFrom !== undefined || (await holdsBehind(access, call, range))))
    return nowMs >= knownMs ? 'something' : 'unknown';
  return streamHas(access, call, range, nowMs);
}

/**
 * @returns from when on, epoch ms, every assembly knows of the contact's next recording; undefined where this one's came
 * later than that, or there is none
 */
function nextKnownFromMs(
  call: CallRecord,
  calls: readonly ContactCall[],
  { endBefore }: RecordingRange,
): number | undefined {
  const startedAt = calls.find((other) => BigInt(other.startFragmentNumber) === endBefore)?.startedAt;
  const assembledAt = call.verification?.at;
  const knownMs = startedAt === undefined ? Date.parse(call.nextKnownFrom ?? '') : knownFromMs(startedAt);
  if (Number.isNaN(knownMs) || assembledAt === undefined) return undefined;
  return Date.parse(assembledAt) < knownMs ? knownMs : undefined;
}

/** The recorder read on into what nobody could tell it to be another recording's. */
async function holdsBehind(
  access: ResumeAccess,
  call: CallRecord,
  { endBefore }: RecordingRange,
): Promise<boolean> {
  if (endBefore === undefined) return false;
  const reaching = await reachingTo(access.tapeOf(call), parseRecordingId(call.recordingId), endBefore);
  return reaching.length > 0;
}

async function streamHas(
  access: ResumeAccess,
  call: CallRecord,
  range: RecordingRange,
  nowMs: number,
): Promise<ToBeHad> {
  const outlook = await outlookOf({
    call,
    range,
    archive: access.archiveOf(call),
    tape: access.tapeOf(call),
    nowMs,
  });
  const settled = nowMs > Date.parse(call.endedAt ?? call.startedAt) + SETTLED_MS;
  const nothing = settled ? 'nothing' : 'unknown';
  if (!outlook.asked) return NEVER_AGAIN.has(outlook.kind) ? nothing : 'unknown';
  // What follows where the recorder saw the end is another contact's.
  const sawTheEnd = call.endReason !== undefined && SAW_THE_END.has(call.endReason);
  const missing = outlook.missingWithin + (sawTheEnd ? 0 : outlook.missingBehind);
  return missing > 0 ? 'something' : nothing;
}
