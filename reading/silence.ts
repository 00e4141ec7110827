/** Measures how long a stream has had nothing new, as far as somebody listened. Pure. */

/** A wait that takes so many times as long as it should shows that the process was halted. */
const HALTED_TICKS = 3;
/** Sessions that end by themselves, so many in a row and each with nothing new, are as good as a silent one. */
const EMPTY_SESSIONS = 3;

/** All times are epoch ms. No time counts in which nothing could have come, or in which nobody looked. */
export interface Silence {
  readonly sinceMs: number | undefined;
  /** When it was looked last whether something has come. */
  readonly untilMs: number;
  /** Sessions in a row that ended by themselves and brought nothing. */
  readonly emptySessions: number;
}

export const NO_SILENCE: Silence = { sinceMs: undefined, untilMs: 0, emptySessions: 0 };

/** @returns ms; 0 when it isn't known for how long nothing has come */
export function lengthMsOf({ sinceMs, untilMs }: Silence): number {
  return sinceMs === undefined ? 0 : untilMs - sinceMs;
}

/** So many sessions in a row were empty that one that isn't open tells as much as one that is. */
export function spansSessions({ emptySessions }: Silence): boolean {
  return emptySessions >= EMPTY_SESSIONS;
}

export function sessionOpened(silence: Silence, nowMs: number): Silence {
  const sinceMs = spansSessions(silence) ? (silence.sinceMs ?? nowMs) : nowMs;
  return { ...silence, sinceMs, untilMs: nowMs };
}

/** Something was waited for, from `sinceMs` until now, for a tick at most. */
export function listened(silence: Silence, sinceMs: number, nowMs: number, tickMs: number): Silence {
  // The process itself slept: what came meanwhile hasn't been read.
  const wasHalted = nowMs - sinceMs > HALTED_TICKS * tickMs;
  return { ...silence, untilMs: nowMs, ...(wasHalted && { sinceMs: nowMs }) };
}

export function somethingCame(silence: Silence, nowMs: number): Silence {
  return { ...silence, sinceMs: nowMs, emptySessions: 0 };
}

/** A session has ended by itself. */
export function sessionEnded(silence: Silence): Silence {
  return { ...silence, emptySessions: silence.emptySessions + 1 };
}

export function nothingCouldCome(silence: Silence): Silence {
  return { ...silence, sinceMs: undefined };
}

/** Other sessions begin now: the empty ones so far say nothing of them. */
export function othersBegin(silence: Silence): Silence {
  return { ...silence, emptySessions: 0 };
}
