/**
 * Tells from when on nobody can be at work on a recording any more who hasn't met its tombstone.
 *
 * Who writes looks at the checkpoint in between, and leaves when it finds the tombstone. What is on its way to S3 at that
 * moment can't be stopped: it is waited for, as long as whoever sent it may live. Every time below is one at which
 * somebody was, or may have been, at work; `WRITERS_LEAVE_MS` (contract/limits.ts) later all of them have left.
 */
import type { ContactCall } from '../../../ports/calls/calls.ts';
import { isFinal, SAW_THE_END } from '../../../recording/call-record.ts';
import { type Checkpoint, NOBODY } from '../../../recording/checkpoint.ts';
import { LONGEST_CALL_SECONDS } from '../../../recording/longest-call.ts';
import type { Access } from '../../access/access.ts';

/** No call is recorded for longer (the setting's greatest value, and time to catch up). */
const LONGEST_CALL_MS = (LONGEST_CALL_SECONDS + 3_600) * 1_000;

/**
 * @param call its record, where there is one, as far as it can be read
 * @param before its checkpoint before the tombstone; or the tombstone, where there had been one already
 * @returns epoch ms; in the past for most recordings
 */
export async function quietFromMs(
  access: Access,
  call: ContactCall | undefined,
  before: Checkpoint | undefined,
  nowMs: number,
): Promise<number> {
  const { writersLeaveMs } = access;
  if (writersLeaveMs === 0) return nowMs;
  const owners = new Set([before?.owner, call?.executionArn]);
  const overs = [...owners].filter((owner) => owner !== undefined && owner !== NOBODY);
  const times = await Promise.all(overs.map((owner) => atWorkMs(access, owner ?? '', nowMs)));
  const lastMs = Math.max(...times, call === undefined ? nowMs : contactMs(call, nowMs));
  const fencedMs = before?.erasedAt === undefined ? Infinity : Date.parse(before.erasedAt);
  return Math.min(lastMs, fencedMs) + writersLeaveMs;
}

/** When the execution's programs were told to stop, or had stopped; long ago where nothing is known of it any more. */
async function atWorkMs({ states }: Access, executionArn: string, nowMs: number): Promise<number> {
  const state = await states.stateOf(executionArn);
  if (state === 'unknown') return 0;
  return (await states.overSinceMs(executionArn)) ?? nowMs;
}

/** While the contact goes on its flow may start the recording again, and a recorder that nobody knows of read on. */
function contactMs(call: ContactCall, nowMs: number): number {
  const { disconnectedAt, endedAt, endReason, startedAt, status } = call;
  if (disconnectedAt !== undefined) return Date.parse(disconnectedAt);
  const sawTheEnd =
    status !== undefined && isFinal(status) && endReason !== undefined && SAW_THE_END.has(endReason);
  if (sawTheEnd && endedAt !== undefined) return Date.parse(endedAt);
  const startedMs = startedAt === undefined ? nowMs : Date.parse(startedAt);
  return nowMs - startedMs < LONGEST_CALL_MS ? nowMs : startedMs;
}
