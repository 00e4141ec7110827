/**
 * From when on every assembly knows of the contact's next recording: by then its record is there, and whoever reads late
 * has read it. One that looked earlier may have taken that one's first fragments for its own recording's.
 */
import { type EndReason, SAW_THE_END, type Verification } from './call-record.ts';

/** What a stream lists is complete a minute after; the rest is for clocks that differ, and for events that come late. */
export const SETTLED_MS = 900_000;

/** @param startedAt of the next recording, ISO 8601 */
export function knownFromMs(startedAt: string): number {
  return Date.parse(startedAt) + SETTLED_MS;
}

interface Assembled {
  readonly endReason?: EndReason | undefined;
  readonly verification?: Pick<Verification, 'at'> | undefined;
}

/**
 * What was assembled before then, of what no recorder saw the end of, may hold the beginning of the next recording, which
 * has been erased since. @param knownFrom as that one's erasure noted it
 */
export function mayHoldErased(
  { endReason, verification }: Assembled,
  knownFrom: string | undefined,
): boolean {
  if (knownFrom === undefined || verification === undefined) return false;
  if (endReason !== undefined && SAW_THE_END.has(endReason)) return false;
  return Date.parse(verification.at) < Date.parse(knownFrom);
}
