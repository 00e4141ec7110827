/**
 * When a call is over: all of it, in order of precedence. Pure.
 *
 * The end of a GetMedia body is not among them, nor is a refusal by itself: as long as the contact isn't known to be
 * over, it is gone on trying.
 */
import type { Quiet } from '../reading/reading.ts';
import type { StandingRefusal } from '../reading/refusals.ts';
import type { EndReason, Loss } from '../recording/call-record.ts';
import { lastNamedBy } from '../recording/range.ts';
import type { CallSoFar, ContactSoFar, ForeignRun } from './call-so-far.ts';

export interface Limits {
  /** Connect's StartTimestamp. */
  readonly startedAtMs: number;
  readonly graceMs: number;
  readonly idleTimeoutMs: number;
  readonly longestCallMs: number;
}

export interface Situation {
  readonly call: CallSoFar;
  /** Undefined where a fragment has just come. */
  readonly quiet: Quiet | undefined;
  /** The last fragment that was handed over. */
  readonly lastNumber: bigint | undefined;
  readonly contact: ContactSoFar;
  readonly limits: Limits;
  readonly nowMs: number;
}

export interface End {
  readonly reason: EndReason;
  readonly why?: string;
  readonly loss?: Loss;
}

/** A row of the table: docs/ARCHITECTURE.md has the same, in the same order and words. */
export interface EndRule {
  /** What it may say. */
  readonly reasons: readonly EndReason[];
  /** When it applies, in words. */
  readonly when: string;
  /** Undefined where it doesn't apply. */
  readonly endOf: (situation: Situation) => End | undefined;
}

/** Every stream can be read for 5 minutes, whatever its retention (Developer Guide, "Quotas"). */
const KEPT_AT_LEAST_MS = 300_000;

/** The rules in order of precedence: the first that applies says how the call ended. */
export const ENDS: readonly EndRule[] = [
  {
    reasons: ['STREAMING_STOPPED', 'NEXT_RECORDING'],
    when:
      'the flow has stopped streaming, or the contact’s next recording has begun; and the session’s last fragment has ' +
      'come, or a later one, or a session opened after that stays quiet for the grace period',
    endOf: (now) => {
      const { endedBy } = now.contact.range;
      if (endedBy === undefined) return undefined;
      return now.call.sawBehind || hasLastOfAll(now) || isDrained(now) ? { reason: endedBy } : undefined;
    },
  },
  {
    reasons: ['NEXT_CONTACT'],
    when:
      'another contact speaks, the contact is over, and nothing of ours follows within the grace period (by the ' +
      'stream’s own clock, or in quiet)',
    endOf: (now) =>
      now.contact.isOver &&
      now.call.foreign &&
      (foreignMs(now.call.foreign) >= now.limits.graceMs || isDrained(now))
        ? { reason: 'NEXT_CONTACT' }
        : undefined,
  },
  {
    reasons: ['DISCONNECTED'],
    when: 'the contact is over, and a GetMedia session opened _after_ that has had nothing more for the grace period',
    endOf: (now) => (now.contact.isOver && isDrained(now) ? { reason: 'DISCONNECTED' } : undefined),
  },
  {
    reasons: ['STREAM_TAKEN', 'NEXT_CONTACT'],
    when:
      'another contact speaks, and nothing of ours has come for the idle time-out, though Connect says that the contact ' +
      'goes on; where nobody knows, it is `NEXT_CONTACT`',
    endOf: (now) => {
      const { call, contact, limits } = now;
      if (!call.foreign || now.nowMs - call.foreign.sinceMs < limits.idleTimeoutMs) return undefined;
      if (foreignMs(call.foreign) < limits.graceMs && !isQuiet(now)) return undefined;
      return contact.goesOn ? stopped('STREAM_TAKEN', STREAM_TAKEN_WHY) : { reason: 'NEXT_CONTACT' };
    },
  },
  {
    reasons: ['NO_SUCH_STREAM', 'ACCESS_DENIED', 'KEY_UNAVAILABLE'],
    when:
      'the stream has been refused, again and again, for 5 minutes since the contact was over (any stream keeps what it ' +
      'holds for so long), or until the longest call; or there has been no such stream for the idle time-out',
    endOf: (now) => {
      const refusal = now.quiet?.refusal;
      return refusal && isRefusalFinal(refusal, now) ? stopped(refusal.reason, refusal.why) : undefined;
    },
  },
  {
    reasons: ['IDLE'],
    when:
      'the contact is over, and nothing of ours has come for the idle time-out, but the stream could not be read to ' +
      'its end',
    endOf: ({ call, limits, nowMs }) => {
      // However long it had been silent before: only now is it known that nothing more will come.
      if (call.overSinceMs === undefined) return undefined;
      const waitedMs = nowMs - Math.max(call.overSinceMs, call.lastOursAtMs);
      return waitedMs >= limits.idleTimeoutMs ? stopped('IDLE', IDLE_WHY) : undefined;
    },
  },
  {
    reasons: ['LONGEST_CALL'],
    when: 'the call has gone on for longer than the longest call allowed',
    endOf: (now) =>
      isTooLong(now)
        ? { reason: 'LONGEST_CALL', loss: { kind: 'CUT_AT_LIMIT', why: TOO_LONG_WHY } }
        : undefined,
  },
];

/** Is the call over? The first end of the table that applies; undefined where none does. */
export function judge(situation: Situation): End | undefined {
  for (const { endOf } of ENDS) {
    const end = endOf(situation);
    if (end) return end;
  }
  return undefined;
}

const STREAM_TAKEN_WHY =
  'another contact’s audio came in this stream, and none of this one’s for long, though Connect said that it went on; ' +
  'resume the recording if it was to go on being streamed';
const IDLE_WHY =
  'the contact is over, but the stream could not be read to its end; resume the recording to try again';
const TOO_LONG_WHY =
  'the call went on for longer than the longest call allowed; raise that setting to record such calls whole';

function stopped(reason: EndReason, why: string): End {
  return { reason, why, loss: { kind: 'RECORDER_STOPPED', why } };
}

/** Connect names the last fragment where streaming was stopped: when that has come there is no need to wait. */
function hasLastOfAll({ contact: { range }, lastNumber }: Situation): boolean {
  const named = lastNamedBy(range);
  return named !== undefined && lastNumber !== undefined && lastNumber >= named;
}

/** The stream has shown that it has nothing more, though nothing could have kept it from bringing it. */
function isDrained(now: Situation): boolean {
  return now.quiet?.afterCall === true && isQuiet(now);
}

function isQuiet({ quiet, limits }: Situation): boolean {
  return quiet !== undefined && !quiet.unsettled && quiet.forMs >= limits.graceMs;
}

/** How much of the stream has gone by with nothing of ours, by its own clock: what is read late is read fast. */
function foreignMs({ fromServerMs, toServerMs }: ForeignRun): number {
  return toServerMs - fromServerMs;
}

/** A stream that isn't there holds nothing; any other keeps for some time what may be let through yet. */
function isRefusalFinal({ reason, sinceMs }: StandingRefusal, now: Situation): boolean {
  const { call, limits, nowMs } = now;
  if (reason === 'NO_SUCH_STREAM' && nowMs - sinceMs >= limits.idleTimeoutMs) return true;
  if (call.overSinceMs === undefined) return isTooLong(now);
  return nowMs - Math.max(sinceMs, call.overSinceMs) >= Math.min(KEPT_AT_LEAST_MS, limits.idleTimeoutMs);
}

/** The call's length is told by the stream's clock; in silence, by how long that has lasted. */
function isTooLong(now: Situation): boolean {
  const { call, quiet, limits, nowMs } = now;
  const silentMs = nowMs - call.lastOursAtMs;
  const isSilent = quiet !== undefined && (quiet.forMs >= limits.graceMs || silentMs >= limits.idleTimeoutMs);
  const lengthMs = call.lastServerMs + (isSilent ? silentMs : 0) - limits.startedAtMs;
  return lengthMs > limits.longestCallMs;
}
