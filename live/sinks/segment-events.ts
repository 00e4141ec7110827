/**
 * Tells an event bus of what is said, as it is written down: the row, masked as it is kept. The table is what counts: an
 * event that the bus doesn't take is given up with a warning, and a row that is taken back later isn't told. Nothing waits for it
 * but the end of the call.
 */
import { WORDS_METRICS } from '../../contract/metrics.ts';
import type { Events } from '../../ports/events/events.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import { within } from '../../ports/runtime/within.ts';
import type { Segment, TranscriptRow } from '../../recording/transcript/segment.ts';

const SEGMENT_EVENT = 'Transcript Segment';
/** More wait for a bus that is slow: what comes then is given up. */
const WAITING_MAX = 100;
const PUBLISH_MS_MAX = 10_000;
/** How long the end of a call waits for what is left. */
const LAST_MS_MAX = 5_000;

export interface SegmentEventsOptions {
  readonly events: Events;
  /** Whether what isn't final is told of, too. */
  readonly partials: boolean;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'publish' | 'warn'>;
}

export class SegmentEvents {
  readonly #options: SegmentEventsOptions;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(options: SegmentEventsOptions) {
    this.#options = options;
  }

  /** Whether {@link partial} is of any use. */
  get tellsPartials(): boolean {
    return this.#options.partials;
  }

  /** One that stands in the table now. */
  final(row: TranscriptRow): void {
    if (this.#waiting < WAITING_MAX) this.#tell({ ...row, final: true });
    else this.#giveUp('too many wait');
  }

  /** What may yet be said otherwise: another one makes it worthless, so that it waits for none. */
  partial(segment: Segment): void {
    if (this.#options.partials && this.#waiting === 0) this.#tell({ ...segment, final: false });
  }

  /** Resolves when all has been told, or given up. */
  async done(): Promise<void> {
    await within(this.#options.clock, LAST_MS_MAX, 'EventBridge', () => this.#last).catch(() => undefined);
  }

  #tell({ expiresAt, ...detail }: TranscriptRow & { readonly final: boolean }): void {
    const { clock, events } = this.#options;
    this.#waiting += 1;
    this.#last = this.#last
      .then(() => within(clock, PUBLISH_MS_MAX, 'EventBridge', () => events.publish(SEGMENT_EVENT, detail)))
      .catch((error: unknown) => {
        this.#giveUp(error instanceof Error ? error.name : typeof error);
      })
      .then(() => {
        this.#waiting -= 1;
      });
  }

  /** @param why without a word of what was said */
  #giveUp(why: string): void {
    this.#options.telemetry.publish([[WORDS_METRICS.eventFailures, 1]]);
    this.#options.telemetry.warn('the event bus didn’t take what was said; it stands in the table', {
      error: why,
    });
  }
}
