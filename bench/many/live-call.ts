/** A call at live pace: its fragments come into a stream as they are spoken, made shortly before. */
import { randomUUID } from 'node:crypto';
import type { Stream } from '../../local/standins/kinesis-video/stream.ts';
import { fragmentsOf } from '../support/call.ts';
import { type Call, callOfFragments } from '../support/world.ts';

/** Made at a time: a whole number of blocks of 64 ms. */
export const PIECE_SECONDS = 32;
const AHEAD_MS = 5_000;

export class LiveCall {
  readonly call: Call;
  readonly #stream: Stream;
  readonly #startedAtMs: number;
  readonly #availableAtMs = new Map<bigint, number>();
  readonly #timer: NodeJS.Timeout;
  #pieces = 0;
  #fragments = 0;

  readonly #channels: readonly Int16Array[] | undefined;

  /**
   * Begins to talk at `startedAtMs`, and talks until it is stopped.
   * @param channels what both sides say, over and over: {@link PIECE_SECONDS} each
   */
  constructor(stream: Stream, startedAtMs: number, channels?: readonly Int16Array[]) {
    this.#stream = stream;
    this.#channels = channels;
    this.#startedAtMs = startedAtMs;
    const contactId = randomUUID();
    const first = this.#add(contactId);
    this.call = { ...callOfFragments(first, contactId), streamArn: stream.arn };
    this.#timer = setInterval(() => {
      while (Date.now() + AHEAD_MS >= this.#pieceStartMs()) this.#add(contactId);
    }, 1_000);
  }

  /** When the fragment's last sample had been spoken: epoch ms. */
  availableAtMs(number: bigint): number | undefined {
    return this.#availableAtMs.get(number);
  }

  /** When the fragment that ends at a time, or holds it, could be read: epoch ms. */
  availableWith(spokenAtMs: number): number | undefined {
    let found: number | undefined;
    for (const endMs of this.#availableAtMs.values())
      if (endMs >= spokenAtMs && (found === undefined || endMs < found)) found = endMs;
    return found;
  }

  /** How many fragments there were, up to one. */
  fragmentsUpTo(number: bigint): number {
    return [...this.#availableAtMs.keys()].filter((one) => one <= number).length;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #pieceStartMs(): number {
    return this.#startedAtMs + this.#pieces * PIECE_SECONDS * 1_000;
  }

  #add(contactId: string) {
    const fragments = fragmentsOf(PIECE_SECONDS, {
      startedAtMs: this.#pieceStartMs(),
      contactId,
      channels: this.#channels,
      firstSequence: this.#startedAtMs + this.#fragments,
    });
    this.#pieces += 1;
    this.#fragments += fragments.length;
    fragments.forEach((fragment, index) => {
      const endMs = fragments[index + 1]?.producerTimestampMs ?? this.#pieceStartMs();
      this.#availableAtMs.set(fragment.number, endMs);
      this.#stream.put(fragment, endMs);
    });
    return fragments;
  }
}
