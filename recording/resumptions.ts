/** How often a recording was resumed, by whom, and when the deployment's schedule tries it again by itself. */

export interface Resumption {
  /** ISO 8601. */
  readonly at: string;
  readonly by: 'operator' | 'schedule';
  /** Says what was to be mended, or why the schedule leaves the recording alone from now on. */
  readonly why: string;
  /** Nothing was started, and the schedule starts nothing more until a person has resumed the recording. */
  readonly gaveUp?: true;
}

/** A record keeps the latest: more than the schedule makes by itself, so that the last one by hand is among them. */
export const RESUMPTIONS_KEPT = 20;

export function withResumption(kept: readonly Resumption[], one: Resumption): Resumption[] {
  return [...kept, one].slice(-RESUMPTIONS_KEPT);
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * How long the schedule waits after the last resumption, of whoever, before its next one: an outage may be over soon, or last
 * for most of a day; streams keep audio for a day by default.
 */
const WAITS_MS = [15 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 10 * HOUR_MS] as const;
/** Resumptions by the schedule, until a person resumes the recording. */
export const RESUMPTIONS_MAX = WAITS_MS.length + 1;

/**
 * - `now`: the schedule may resume it
 * - `later`: it waits after the last resumption
 * - `exhausted`: it has resumed it as often as it does by itself, and waited for what came of it
 * - `givenUp`: and that is noted
 */
export type ScheduleTurn = 'now' | 'later' | 'exhausted' | 'givenUp';

export function turnOf(resumptions: readonly Resumption[], nowMs: number): ScheduleTurn {
  const last = resumptions.at(-1);
  if (last === undefined) return 'now';
  if (last.gaveUp === true) return 'givenUp';
  const byHand = resumptions.findLastIndex(({ by }) => by === 'operator');
  const byItself = resumptions.length - 1 - byHand;
  // After the last of its own it only waits for an end.
  const waitMs = WAITS_MS[Math.max(0, byItself - 1)] ?? WAITS_MS[0];
  if (nowMs < Date.parse(last.at) + waitMs) return 'later';
  return byItself < RESUMPTIONS_MAX ? 'now' : 'exhausted';
}
