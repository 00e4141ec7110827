/** One step while it is taken: what is known by now, and what has been said. */
import { hasPassedOver } from './malformed.ts';
import type { Leaving, Output, Reading, ReadingLimits, Session } from './reading.ts';
import { lengthMsOf, spansSessions } from './silence.ts';

export interface Turn {
  reading: Reading;
  readonly outputs: Output[];
  readonly nowMs: number;
  readonly limits: ReadingLimits;
}

export function change(turn: Turn, changes: Partial<Reading>): void {
  turn.reading = { ...turn.reading, ...changes };
}

export function changeSession(turn: Turn, changes: Partial<Session>): void {
  change(turn, { session: { ...turn.reading.session, ...changes } });
}

export function say(turn: Turn, ...outputs: readonly Output[]): void {
  turn.outputs.push(...outputs);
}

/** Leaves the session that is open. What comes of that, and what has been said until now, is said when it has been left. */
export function leave(turn: Turn, because: Leaving): void {
  const unsaid = turn.outputs.splice(0);
  change(turn, { phase: { kind: 'leaving', because, unsaid } });
}

/** The session is over: no other one is opened before this time. */
export function waitUntil(turn: Turn, atMs: number): void {
  change(turn, { phase: { kind: 'waiting' }, openAtMs: Math.max(turn.reading.openAtMs, atMs) });
}

export function isOpen({ phase }: Reading): boolean {
  return phase.kind === 'open';
}

/** Something has come that isn't whole, or not known to be. */
export function hasTail({ phase, session }: Reading): boolean {
  return phase.kind === 'open' && (session.held !== undefined || session.isMidway);
}

/**
 * A session opened after the call that brought something proves nothing by its silence. Where that was malformed, and was
 * passed over, the next one will bring no more than that if nothing follows it: its silence counts.
 */
export function mayHaveStalled(reading: Reading): boolean {
  const { call, session, wasSilentBehind } = reading;
  if (call !== 'is over') return false;
  return session.brought === 'something' || (isSilentBehind(reading) && !wasSilentBehind);
}

/** Nothing has come but what is malformed, and was passed over. */
export function isSilentBehind({ malformed, session: { brought, sawUnfinished } }: Reading): boolean {
  return hasPassedOver(malformed) && brought === 'nothing' && !sawUnfinished;
}

/** See {@link Quiet.forMs}. */
export function quietForMs(reading: Reading): number {
  const canTell = isOpen(reading) || spansSessions(reading.silence);
  return canTell && !mayHaveStalled(reading) ? lengthMsOf(reading.silence) : 0;
}
