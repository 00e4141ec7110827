/** Is the call over? What is known of it, as a value, and the question. Pure: no promise, no port, no clock. */
import type { NumberedFragment } from '../matroska/fragment.ts';
import type { Ownership } from '../recording/ownership.ts';
import { type CallSoFar, type ContactSoFar, type End, ENDS, type Situation } from './ends.ts';

/** @param lastServerMs of the last fragment on the tape; where there is none, Connect's StartTimestamp */
export function callSoFar(nowMs: number, lastServerMs: number): CallSoFar {
  return {
    lastOursAtMs: nowMs,
    lastServerMs,
    overSinceMs: undefined,
    foreign: undefined,
    sawBehind: false,
  };
}

/** A fragment has come. */
export function saw(
  call: CallSoFar,
  { serverTimestampMs }: Pick<NumberedFragment, 'serverTimestampMs'>,
  owner: Ownership,
  nowMs: number,
): CallSoFar {
  switch (owner) {
    case 'ours': {
      const lastServerMs = Math.max(call.lastServerMs, serverTimestampMs ?? 0);
      return { ...call, lastOursAtMs: nowMs, lastServerMs, foreign: undefined };
    }
    case 'otherContact': {
      const atMs = serverTimestampMs ?? nowMs;
      const { sinceMs = nowMs, fromServerMs = atMs } = call.foreign ?? {};
      return { ...call, foreign: { sinceMs, fromServerMs, toServerMs: atMs } };
    }
    case 'behind':
      return { ...call, sawBehind: true };
    case 'before':
    case 'unknown':
      return call;
  }
}

/** Something has been heard of the contact. */
export function heardOf(call: CallSoFar, contact: ContactSoFar, nowMs: number): CallSoFar {
  const isOver = contact.isOver || contact.range.endedBy !== undefined;
  return isOver && call.overSinceMs === undefined ? { ...call, overSinceMs: nowMs } : call;
}

/** The first end of the table that applies. */
export function judge(situation: Situation): End | undefined {
  for (const rule of Object.values(ENDS)) {
    const end = rule(situation);
    if (end) return end;
  }
  return undefined;
}
