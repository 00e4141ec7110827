/** What is known of a call so far, as a value. Pure: no promise, no port, no clock. */
import type { NumberedFragment } from '../matroska/fragment.ts';
import type { Ownership } from '../recording/ownership.ts';
import type { RecordingRange } from '../recording/range.ts';

/** All times are epoch ms by our clock, where nothing else is said. */
export interface CallSoFar {
  readonly lastOursAtMs: number;
  /** Of our last fragment, by the stream's clock, by which a call that is replayed later is no longer than it was. */
  readonly lastServerMs: number;
  /** Since when it is known that nothing more will come but what the stream holds already. */
  readonly overSinceMs: number | undefined;
  /** Another contact's fragments that have come since our last one. */
  readonly foreign: ForeignRun | undefined;
  /** A fragment numbered behind the range has come. */
  readonly sawBehind: boolean;
}

export interface ForeignRun {
  readonly sinceMs: number;
  /** Of the first and of the last of them, by the stream's clock. */
  readonly fromServerMs: number;
  readonly toServerMs: number;
}

export interface ContactSoFar {
  /** Connect has said that it is disconnected. Not knowing is no yes. */
  readonly isOver: boolean;
  /** Connect, asked last, has said that it is not. */
  readonly goesOn: boolean;
  readonly range: RecordingRange;
}

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
