import type { Clock } from '../runtime/clock.ts';
import { systemClock } from '../runtime/clock.ts';
import type { StartSelector } from './media.ts';

/** A fragment as the stream keeps it. Times are epoch ms. */
export interface StoredFragment {
  readonly number: bigint;
  readonly serverTimestampMs: number;
  readonly producerTimestampMs: number;
  /** The whole Matroska document as GetMedia delivers it, trailing tags included. */
  readonly document: Uint8Array;
}

/** Every kind of start that GetMedia knows (API reference: `StartSelector`). */
export type Start = StartSelector | { readonly kind: 'producerTimestamp'; readonly atMs: number };

export interface MemoryStreamOptions {
  readonly clock?: Clock;
  /** How long a fragment can be read after it came; without it, always. */
  readonly keepMs?: number;
  /** How long after a fragment came it is listed; ListFragments is eventually consistent. */
  readonly listingDelayMs?: number;
}

/** The longest fragment that Kinesis Video Streams takes (Developer Guide, "Quotas"): none contains a later time. */
export const FRAGMENT_MS_MAX = 20_000;
/** The longest wait that a timer takes. */
const WAIT_MS_MAX = 2 ** 31 - 1;

interface Held {
  readonly fragment: StoredFragment;
  readonly availableAtMs: number;
}

/** A stream kept in memory: fragments in the order they came, some of which may be still to come. */
export class MemoryStream {
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #listingDelayMs: number;
  readonly #held: Held[] = [];
  readonly #waiting = new Set<() => void>();
  /** Before it all is forgotten. */
  #forgotten = 0;

  constructor(options: MemoryStreamOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#keepMs = options.keepMs ?? Infinity;
    this.#listingDelayMs = options.listingDelayMs ?? 0;
  }

  get clock(): Clock {
    return this.#clock;
  }

  /**
   * Adds a fragment, to be read from `availableAtMs` on (default: now), and wakes whoever waits for it.
   * @throws RangeError unless it is numbered above the one before it, and comes no earlier.
   */
  put(fragment: StoredFragment, availableAtMs: number = this.#clock.now()): void {
    const last = this.#held.at(-1);
    if (last && (fragment.number <= last.fragment.number || availableAtMs < last.availableAtMs)) {
      throw new RangeError(
        `a stream’s fragments come in order of number: ${fragment.number.toString()} after ${last.fragment.number.toString()}`,
      );
    }
    this.#held.push({ fragment, availableAtMs });
    for (const wake of this.#waiting) wake();
  }

  /** All that came before the last so many ms is gone, as when its retention ends. */
  forget(olderThanMs = 0): void {
    this.#forgotten = this.#available(olderThanMs);
  }

  /** The fragments that can be read now, in order of number. */
  get fragments(): readonly StoredFragment[] {
    return this.#held.slice(this.#firstKept(), this.#available()).map(({ fragment }) => fragment);
  }

  /** The fragments that a listing shows now, in order of number. */
  get listed(): readonly StoredFragment[] {
    return this.#held
      .slice(this.#firstKept(), this.#available(this.#listingDelayMs))
      .map(({ fragment }) => fragment);
  }

  /** A place to read from; undefined when the stream doesn't know the fragment that was named. */
  seek(start: Start): Cursor | undefined {
    switch (start.kind) {
      case 'serverTimestamp':
        return this.#seekTime((fragment) => fragment.serverTimestampMs, start.atMs);
      case 'producerTimestamp':
        return this.#seekTime((fragment) => fragment.producerTimestampMs, start.atMs);
      case 'earliest':
        return this.#cursor(0);
      case 'now':
        return this.#cursor(Math.max(0, this.#available() - 1));
      case 'afterFragment':
        return this.#seekAfter(start.number);
      case 'continuationToken':
        return /^[0-9]+$/.test(start.token) ? this.#seekAfter(BigInt(start.token)) : undefined;
    }
  }

  /** Resolves when a fragment was put, at `untilMs`, or when the signal is aborted, whichever is first. */
  async wait(untilMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const woken = new AbortController();
    const wake = () => {
      woken.abort();
    };
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake);
    try {
      const ms = Math.max(0, untilMs - this.#clock.now());
      await this.#clock.sleep(Math.min(ms, WAIT_MS_MAX), woken.signal);
    } finally {
      this.#waiting.delete(wake);
      signal.removeEventListener('abort', wake);
    }
  }

  #cursor(index: number, isFirst?: (index: number) => boolean): Cursor {
    return new Cursor(
      {
        at: (at) => (at < this.#available() ? this.#held[at]?.fragment : undefined),
        availableAtMs: (at) => this.#held[at]?.availableAtMs ?? Infinity,
        firstKept: () => this.#firstKept(),
      },
      index,
      isFirst,
    );
  }

  #seekAfter(number: bigint): Cursor | undefined {
    const end = this.#available();
    for (let index = this.#firstKept(); index < end; index += 1) {
      if (this.#held[index]?.fragment.number === number) return this.#cursor(index + 1);
    }
    return undefined;
  }

  /** The fragment that contains the time, or else the first one after it. */
  #seekTime(timeOf: (fragment: StoredFragment) => number, atMs: number): Cursor {
    return this.#cursor(0, (index) => {
      const held = this.#held[index];
      if (!held) return false;
      const startMs = timeOf(held.fragment);
      const next = index + 1 < this.#available() ? this.#held[index + 1] : undefined;
      const nextMs = next ? timeOf(next.fragment) : Infinity;
      const endMs = Math.min(nextMs, startMs + FRAGMENT_MS_MAX);
      return startMs >= atMs || endMs > atMs;
    });
  }

  #firstKept(): number {
    if (this.#keepMs === Infinity) return this.#forgotten;
    return Math.max(this.#forgotten, this.#countUntil(this.#clock.now() - this.#keepMs - 1));
  }

  #available(delayMs = 0): number {
    return this.#countUntil(this.#clock.now() - delayMs);
  }

  /** How many had come by then. */
  #countUntil(timeMs: number): number {
    let low = 0;
    let high = this.#held.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#held[middle]?.availableAtMs ?? Infinity) <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface Shelf {
  at(index: number): StoredFragment | undefined;
  availableAtMs(index: number): number;
  firstKept(): number;
}

/** One reader's place in a stream. Fragments that the stream forgets before they are taken are passed over. */
export class Cursor {
  readonly #shelf: Shelf;
  #index: number;
  #isFirst: ((index: number) => boolean) | undefined;

  constructor(shelf: Shelf, index: number, isFirst?: (index: number) => boolean) {
    this.#shelf = shelf;
    this.#index = index;
    this.#isFirst = isFirst;
  }

  /** The next fragment, or undefined while there is none. */
  take(): StoredFragment | undefined {
    this.#index = Math.max(this.#index, this.#shelf.firstKept());
    for (;;) {
      const fragment = this.#shelf.at(this.#index);
      if (!fragment) return undefined;
      this.#index += 1;
      if (this.#isFirst && !this.#isFirst(this.#index - 1)) continue;
      this.#isFirst = undefined;
      return fragment;
    }
  }

  /** When the next fragment is to come, as far as it is known: epoch ms, or Infinity. */
  get nextAtMs(): number {
    return this.#shelf.availableAtMs(this.#index);
  }
}
