/**
 * Where each sink's listener could go on: told to the parent at once, which outlives this program, and to S3 every now
 * and then, for a listener in another task. Both are a few numbers.
 */
import type { LiveObjects } from '../ports/live-objects/live-objects.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import type { Recording } from '../recording/identity.ts';
import { listenerKey } from '../recording/tape/live-keys.ts';
import { decodeState, encodeState } from './live-checkpoint.ts';
import type { LiveState } from './timeline/live-timeline.ts';

/**
 * A task that is lost with its host loses so much of what its listener knew: that is given again. About as often as the recorder writes a
 * segment: each is a request to S3, and every ten seconds they would cost as much as the memory that words take.
 */
export const SAVE_EVERY_MS = 30_000;

export interface KeptStatesOptions {
  readonly recording: Recording;
  readonly objects: LiveObjects;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'warn'>;
  /** What an earlier program of the same parent has told it, by sink. */
  readonly told: Readonly<Record<string, string>>;
  readonly tell: (sink: string, state: string) => void;
}

export class KeptStates {
  readonly #options: KeptStatesOptions;
  readonly #unsaved = new Map<string, string>();

  constructor(options: KeptStatesOptions) {
    this.#options = options;
  }

  /** @throws when S3 can't be asked */
  async of(sink: string): Promise<LiveState | undefined> {
    const { told, objects, recording } = this.#options;
    const known = told[sink];
    if (known !== undefined) return decodeState(known);
    const bytes = await objects.get(listenerKey(recording, sink));
    return bytes && decodeState(Buffer.from(bytes).toString());
  }

  keep(sink: string, state: LiveState): void {
    const text = encodeState(state);
    this.#unsaved.set(sink, text);
    this.#options.tell(sink, text);
  }

  async saveNowAndThen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#options.clock.sleep(SAVE_EVERY_MS, signal);
      await this.save();
    }
  }

  /** One that can't be saved is saved the next time; nothing but repetition comes of it. */
  async save(): Promise<void> {
    const { objects, recording, telemetry } = this.#options;
    for (const [sink, text] of [...this.#unsaved]) {
      try {
        const object = { bytes: Buffer.from(text), contentType: 'application/json' };
        await objects.put(listenerKey(recording, sink), object);
        if (this.#unsaved.get(sink) === text) this.#unsaved.delete(sink);
      } catch (error) {
        telemetry.warn('where the listener goes on can’t be saved now', {
          sink,
          error: error instanceof Error ? error.name : typeof error,
        });
      }
    }
  }
}
