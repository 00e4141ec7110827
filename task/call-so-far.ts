/** What is known of a call so far, as a value. Pure: no promise, no port, no clock. */
import type { NumberedFragment } from '../matroska/fragment.ts';
import type { Ownership } from '../recording/ownership.ts';
import type { RecordingRange } from '../recording/range.ts';

/** All times are epoch ms by our clock, where nothing else is said. */
export interface CallSoFar {
  readonly lastOursAtMs: number;
  /** When our last fragment came by the stream's clock: a call that is replayed later is no longer than it was. */
  readonly lastServerMs: number;
  /** Since when it is known that nothing more will come but what the stream holds already. */
  readonly overSinceMs: number | undefined;
  /** Another contact's fragments that have come since our last one. */
  readonly foreign: ForeignRun | undefined;
  /** The first fragment behind our last one that is not known to be ours. */
  readonly firstForeign: bigint | undefined;
  /** A fragment of ours has come. */
  readonly tookMore: boolean;
  /** A fragment numbered behind the range has come. */
  readonly sawBehind: boolean;
}

export interface ForeignRun {
  readonly sinceMs: number;
  /** When the first and the last of them came, by the stream's clock. */
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
    firstForeign: undefined,
    tookMore: false,
    sawBehind: false,
  };
}

/** A fragment has come. */
export function saw(
  call: CallSoFar,
  { number, serverTimestampMs }: Pick<NumberedFragment, 'number' | 'serverTimestampMs'>,
  owner: Ownership,
  nowMs: number,
): CallSoFar {
  const { firstForeign = number } = call;
  switch (owner) {
    case 'ours': {
      const lastServerMs = Math.max(call.lastServerMs, serverTimestampMs ?? 0);
      return {
        ...call,
        lastOursAtMs: nowMs,
        lastServerMs,
        tookMore: true,
        foreign: undefined,
        firstForeign: undefined,
      };
    }
    case 'otherContact': {
      const atMs = serverTimestampMs ?? nowMs;
      const { sinceMs = nowMs, fromServerMs = atMs } = call.foreign ?? {};
      return { ...call, firstForeign, foreign: { sinceMs, fromServerMs, toServerMs: atMs } };
    }
    case 'behind':
      return { ...call, firstForeign, sawBehind: true };
    case 'unknown':
      return { ...call, firstForeign };
    case 'before':
      return call;
  }
}

/** Something has been heard of the contact. */
export function heardOf(call: CallSoFar, contact: ContactSoFar, nowMs: number): CallSoFar {
  const isOver = contact.isOver || contact.range.endedBy !== undefined;
  return isOver && call.overSinceMs === undefined ? { ...call, overSinceMs: nowMs } : call;
}
