/** What refusals of GetMedia come to: a wait before the next try, and a standing refusal where they go on and on. Pure. */
import type { MediaErrorKind } from '../ports/media/media.ts';
import type { EndReason } from '../recording/call-record.ts';
import { backoffMs } from './backoff.ts';

/** The service says it this often in a row before it is believed: a process that was halted has not asked. */
const TRIES_BEFORE_BELIEVED = 6;
const FIRST_WAIT_MS = 500;

/** What the next try mends no better than this one: a policy, a key, or a stream that isn't there. */
const LASTING: Partial<Record<MediaErrorKind, EndReason>> = {
  noSuchStream: 'NO_SUCH_STREAM',
  accessDenied: 'ACCESS_DENIED',
  keyUnavailable: 'KEY_UNAVAILABLE',
};

/** What the stream said, in place of media. */
export interface Refusal {
  readonly kind: MediaErrorKind;
  readonly why: string;
}

/** The stream can't be read, and it isn't the service's fault. */
export interface StandingRefusal {
  readonly reason: EndReason;
  readonly why: string;
  /** Since when nothing could be read: epoch ms. */
  readonly sinceMs: number;
}

export interface Refusals {
  readonly last: StandingRefusal | undefined;
  /** Lasting ones in a row. */
  readonly tries: number;
  /** Waits in a row. */
  readonly waits: number;
}

export const NO_REFUSALS: Refusals = { last: undefined, tries: 0, waits: 0 };

export function refused(refusals: Refusals, { kind, why }: Refusal, nowMs: number): Refusals {
  const reason = LASTING[kind];
  // Who says that the position is unknown has looked for it.
  if (kind === 'positionUnknown') return { ...NO_REFUSALS, waits: refusals.waits };
  if (reason === undefined) return refusals;
  const sinceMs = refusals.last?.sinceMs ?? nowMs;
  return { ...refusals, tries: refusals.tries + 1, last: { reason, why, sinceMs } };
}

/** Undefined unless it has been said often enough, with nothing read in between. */
export function standing({ tries, last }: Refusals): StandingRefusal | undefined {
  return tries >= TRIES_BEFORE_BELIEVED ? last : undefined;
}

/** How long to wait before the next try, in ms. @param mostMs between two tries */
export function nextWaitMs({ waits }: Refusals, mostMs: number): number {
  return backoffMs(waits, FIRST_WAIT_MS, mostMs);
}

export function waited(refusals: Refusals): Refusals {
  return { ...refusals, waits: refusals.waits + 1 };
}

/** What was refused is passed over: what comes is another matter. */
export function withoutWaits(refusals: Refusals): Refusals {
  return { ...refusals, waits: 0 };
}
