/** Tells whoever waits for recordings that one is over. */
import type { Events } from '../../ports/events/events.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import { within } from '../../ports/runtime/within.ts';

export interface AnnouncingPorts {
  readonly events: Events;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** So many tries are made, which take 65 s at most, with the waits between them and an answer that never comes. */
const TRIES_MAX = 5;
const TRY_MS_MAX = 10_000;
const FIRST_WAIT_MS = 1_000;

/**
 * The record is complete and stays as it is, whatever comes of this: an event that nobody takes is given up with a
 * warning. Never throws, since the workflow would assemble again, and in the end say FAILED.
 * @returns whether the event was taken
 */
export async function announce(
  { events, clock, telemetry }: AnnouncingPorts,
  detailType: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      await within(clock, TRY_MS_MAX, 'EventBridge', () => events.publish(detailType, detail));
      return true;
    } catch (error) {
      if (tries === TRIES_MAX) {
        telemetry.warn('The event could not be published; the recording itself is complete', {
          detailType,
          reason: String(error),
        });
        return false;
      }
    }
    await clock.sleep(FIRST_WAIT_MS * 2 ** (tries - 1));
  }
}
