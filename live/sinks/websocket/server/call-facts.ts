/** What a server is told of a call beside its audio: no more than the deployment keeps of its callers. */
import type { Calls } from '../../../../ports/calls/calls.ts';
import type { Clock } from '../../../../ports/runtime/clock.ts';
import type { Telemetry } from '../../../../ports/runtime/telemetry.ts';
import { within } from '../../../../ports/runtime/within.ts';
import type { Recording } from '../../../../recording/identity.ts';

export interface CallFacts {
  readonly customerNumber?: string | undefined;
  readonly systemNumber?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** What may go out. */
export interface Keeping {
  readonly phoneNumbers: boolean;
  readonly attributes: boolean;
}

const READ_MS = 3_000;
/** AudioHook’s messages are 64 KiB at most, in which a character may take six bytes. */
const ATTRIBUTES_LENGTH_MAX = 8_192;

export class CallFactsReader {
  readonly #calls: Pick<Calls, 'get'> | undefined;
  readonly #keep: Keeping;
  readonly #clock: Clock;
  readonly #telemetry: Pick<Telemetry, 'warn'>;

  /** @param calls undefined: nothing is looked up, and nothing goes out */
  constructor(
    calls: Pick<Calls, 'get'> | undefined,
    keep: Keeping,
    clock: Clock,
    telemetry: Pick<Telemetry, 'warn'>,
  ) {
    this.#calls = calls;
    this.#keep = keep;
    this.#clock = clock;
    this.#telemetry = telemetry;
  }

  /** Never rejects: a call is listened to without them, too. */
  async of(recording: Recording): Promise<CallFacts> {
    const calls = this.#calls;
    const { phoneNumbers, attributes } = this.#keep;
    if (calls === undefined || !(phoneNumbers || attributes)) return {};
    try {
      const call = await within(this.#clock, READ_MS, 'the calls table', () => calls.get(recording));
      return {
        ...(phoneNumbers && { customerNumber: call?.customerNumber, systemNumber: call?.systemNumber }),
        ...(attributes && { attributes: bounded(call?.attributes ?? {}) }),
      };
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      this.#telemetry.warn('what is known of the call can’t be read, and isn’t sent', { error: name });
      return {};
    }
  }
}

/** As many attributes as there is room for; the others are left out. */
function bounded(attributes: Readonly<Record<string, string>>): Record<string, string> {
  let left = ATTRIBUTES_LENGTH_MAX;
  const entries = Object.entries(attributes).filter(([name, value]) => {
    const length = name.length + value.length;
    const fits = length <= left;
    if (fits) left -= length;
    return fits;
  });
  return Object.fromEntries(entries);
}
