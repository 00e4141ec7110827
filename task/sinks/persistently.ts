import { Superseded } from '../../ports/checkpoints/checkpoints.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import { backoffMs } from '../../reading/backoff.ts';

export interface Persistence {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** About three minutes of tries; then a fresh task may fare better. */
const TRIES_MAX = 12;

/**
 * Every write of the recorder is idempotent, so that one whose outcome isn't known is simply tried again.
 * @throws Superseded at once, and whatever stands in the way when all tries are used up.
 */
export async function persistently<T>(
  what: string,
  { clock, telemetry }: Persistence,
  act: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (error instanceof Superseded || tries >= TRIES_MAX) throw error;
      const retryInMs = backoffMs(tries, 200, 30_000);
      telemetry.warn(`could not ${what}; it is tried again`, { why: String(error), retryInMs });
      await clock.sleep(retryInMs);
    }
  }
}
