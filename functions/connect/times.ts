/**
 * When streaming began. Connect says it in epoch milliseconds; a call is no less worth recording where what it says can't be
 * right. Reading begins a little before this time, and passes over what is numbered below the start, so that minutes don't
 * matter. A year does: a call that seems to have gone on for longer than the longest one allowed is cut off.
 */
import { serverTimestampIn } from '../../recording/fragment-number.ts';

/** Media streaming came out in December 2018. */
const EARLIEST_MS = Date.UTC(2018, 0);
/** Clocks differ by seconds. */
const AHEAD_MS_MAX = 3_600_000;
/** A flow runs while its call does; a session that is older has no such call any more. */
const SESSION_MS_MAX = 7 * 24 * 3_600_000;

export interface StartTime {
  readonly startedAt: Date;
  /** The time is Connect's own word. */
  readonly asTold: boolean;
}

/**
 * Connect's word, unless it can't be right: then the time in the start fragment's number, and without that, now.
 * @param timestamp epoch ms as text or number, or ISO 8601; @param nowMs epoch ms
 */
export function startTime(timestamp: unknown, startFragmentNumber: bigint, nowMs: number): StartTime {
  const latestMs = nowMs + AHEAD_MS_MAX;
  const told = epochMs(timestamp);
  if (told !== undefined && told >= EARLIEST_MS && told <= latestMs)
    return { startedAt: new Date(told), asTold: true };
  const numbered = serverTimestampIn(startFragmentNumber) ?? 0;
  const isLikely = numbered >= nowMs - SESSION_MS_MAX && numbered <= latestMs;
  return { startedAt: new Date(isLikely ? numbered : nowMs), asTold: false };
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:?\d\d)$/;

function epochMs(timestamp: unknown): number | undefined {
  if (typeof timestamp === 'number') return Math.floor(timestamp);
  if (typeof timestamp !== 'string') return undefined;
  if (/^\d{1,14}(?:\.\d{1,9})?$/.test(timestamp)) return Math.floor(Number(timestamp));
  const ms = ISO_TIME.test(timestamp) ? Date.parse(timestamp) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
