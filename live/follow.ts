/**
 * A recording's fragments while it is recorded, in order of number, each once. The tape is the log, the feed is its
 * tail: what lies on the tape is read there, what doesn't yet comes by the feed. Without a feed all comes by the tape, a
 * segment later. So whoever listens and begins anew loses nothing, nor does it when the recorder does.
 */
import { MalformedError } from '../matroska/errors.ts';
import { isNumbered, type NumberedFragment } from '../matroska/fragment.ts';
import { FragmentReader } from '../matroska/reader.ts';
import type { Checkpoints } from '../ports/checkpoints/checkpoints.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import type { Tape } from '../ports/tape/tape.ts';
import type { Checkpoint, Ended } from '../recording/checkpoint.ts';
import { type Recording, recordingId } from '../recording/identity.ts';
import type { Feed } from './feed.ts';
import { TapeReader } from './tape-reader.ts';

export interface FollowPorts {
  readonly tape: Tape;
  readonly checkpoints: Pick<Checkpoints, 'read'>;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'warn'>;
  readonly feed?: Feed | undefined;
}

export interface FollowOptions {
  /** Only fragments numbered above it are given. */
  readonly after?: bigint | undefined;
  readonly signal: AbortSignal;
  /** How often the tape is looked at where there is no feed. Default: 2 s. */
  readonly pollMs?: number;
  /** Told how the recording has ended, before the rest of it is given. */
  readonly onEnded?: (ended: Ended) => void;
}

/**
 * - `ended`: the recording has ended, and its tape has been read to the end
 * - `erased`: it has been erased
 * - `stopped`: the signal came
 */
export type FollowEnd = 'ended' | 'erased' | 'stopped';

/** No fragment has a higher number: the tape's keys have room for so many digits. */
export const LAST_OF_ALL = 10n ** 60n - 1n;
const POLL_MS = 2_000;
/** A feed that isn't there yet, or has broken off, is looked for this often. */
const JOIN_MS = 200;
const RETRY_MS = { first: 250, most: 30_000 };

/** Doesn't leave the feed when it is over: whoever has done with what came says so. */
export function follow(
  ports: FollowPorts,
  recording: Recording,
  options: FollowOptions,
): AsyncGenerator<NumberedFragment, FollowEnd> {
  return new Follower(ports, recording, options).run();
}

class Follower {
  readonly #ports: FollowPorts;
  readonly #id: string;
  readonly #signal: AbortSignal;
  readonly #pollMs: number;
  readonly #onEnded: FollowOptions['onEnded'];
  readonly #recording: Recording;
  readonly #tape: TapeReader;
  #last: bigint | undefined;

  constructor(ports: FollowPorts, recording: Recording, options: FollowOptions) {
    const { after, signal, pollMs = POLL_MS, onEnded } = options;
    this.#ports = ports;
    this.#id = recordingId(recording);
    this.#signal = signal;
    this.#pollMs = pollMs;
    this.#onEnded = onEnded;
    this.#recording = recording;
    this.#last = after;
    this.#tape = new TapeReader(ports.tape, recording, { after });
  }

  async *run(): AsyncGenerator<NumberedFragment, FollowEnd> {
    // First the feed, then the tape: what the feed didn't bring, since it was on the tape, is on the tape by now.
    let feed = await this.#ports.feed?.join(this.#signal);
    while (!this.#signal.aborted) {
      const checkpoint = yield* this.#readTape();
      if (checkpoint?.erasedAt !== undefined) return 'erased';
      if (checkpoint?.ended) return 'ended';
      if (feed) {
        yield* this.#readFeed(feed);
        feed = undefined;
      } else feed = await this.#joinSoon();
    }
    return 'stopped';
  }

  /** @returns the checkpoint up to which it was read; undefined where none stands, or the signal came */
  #readTape(): AsyncGenerator<NumberedFragment, Checkpoint | undefined> {
    return this.#persistently(async function* (this: Follower) {
      const checkpoint = await this.#ports.checkpoints.read(this.#id);
      if (checkpoint?.ended) this.#onEnded?.(checkpoint.ended);
      const upTo = checkpoint && lastOf(checkpoint);
      if (upTo !== undefined && this.#isNew(upTo))
        for await (const fragment of this.#tape.upTo(upTo)) yield* this.#once(fragment);
      return checkpoint;
    });
  }

  /**
   * What lies on the tape before all that a recorder feeds: a task stored it, and died before its checkpoint could say so, and
   * the one that feeds now knows nothing of it. The WAV has it all the same, and all that follows at its place behind it.
   */
  #readBefore(fedFirst: bigint): AsyncGenerator<NumberedFragment, unknown> {
    return this.#persistently(async function* (this: Follower) {
      const reader = new TapeReader(this.#ports.tape, this.#recording, { after: this.#last });
      for await (const fragment of reader.upTo(fedFirst - 1n)) yield* this.#once(fragment);
    });
  }

  /** Again and again, until it can be read. @returns undefined where the signal came before */
  async *#persistently<T>(
    read: (this: this) => AsyncGenerator<NumberedFragment, T>,
  ): AsyncGenerator<NumberedFragment, T | undefined> {
    const { clock, telemetry } = this.#ports;
    for (let waitMs = RETRY_MS.first; !this.#signal.aborted; waitMs = Math.min(2 * waitMs, RETRY_MS.most)) {
      try {
        return yield* read.call(this);
      } catch (error) {
        telemetry.warn('the tape can’t be read now', { error: nameOf(error), waitMs });
        await clock.sleep(waitMs, this.#signal);
      }
    }
    return undefined;
  }

  async *#readFeed(feed: AsyncIterable<Uint8Array>): AsyncGenerator<NumberedFragment, void> {
    const reader = new FragmentReader();
    let isFirst = true;
    try {
      for await (const bytes of feed) {
        reader.push(bytes);
        for (let fragment = reader.next(); fragment; fragment = reader.next()) {
          if (!isNumbered(fragment) || !this.#isNew(fragment.number)) continue;
          if (isFirst) yield* this.#readBefore(fragment.number);
          // It may not have been read: then this one's place isn't known.
          if (this.#signal.aborted) return;
          isFirst = false;
          yield* this.#once(fragment);
        }
        if (this.#signal.aborted) return;
      }
    } catch (error) {
      // What has come half is on the tape sooner or later.
      if (!(error instanceof MalformedError)) throw error;
      this.#ports.telemetry.warn('the feed can’t be read', { error: error.message });
    }
  }

  *#once(fragment: NumberedFragment): Generator<NumberedFragment> {
    if (!this.#isNew(fragment.number)) return;
    this.#last = fragment.number;
    yield fragment;
  }

  #isNew(number: bigint): boolean {
    return this.#last === undefined || number > this.#last;
  }

  /** @returns undefined when it is time to look at the tape again */
  async #joinSoon(): Promise<AsyncIterable<Uint8Array> | undefined> {
    const { clock, feed } = this.#ports;
    const untilMs = clock.now() + this.#pollMs;
    for (let leftMs = this.#pollMs; leftMs > 0 && !this.#signal.aborted; leftMs = untilMs - clock.now()) {
      await clock.sleep(feed ? Math.min(JOIN_MS, leftMs) : leftMs, this.#signal);
      const joined = await feed?.join(this.#signal);
      if (joined) return joined;
    }
    return undefined;
  }
}

/**
 * Up to which fragment the tape is read now. Once the recording has ended, up to its end: what a recorder stored that died
 * before its checkpoint said so is there, too. What it kept before it knew of the range's end is none of the recording's.
 */
function lastOf({ position, ended }: Checkpoint): bigint | undefined {
  if (!ended) return position?.lastFragmentNumber;
  return ended.endBefore === undefined ? LAST_OF_ALL : BigInt(ended.endBefore) - 1n;
}

/** A name alone: messages of the SDK's may hold what was asked for. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
