/** One GetMedia session: its body as fragments, with a limit on how long to wait for the next one. */
import { MalformedError } from '../matroska/errors.ts';
import type { Fragment } from '../matroska/fragment.ts';
import { FragmentReader } from '../matroska/reader.ts';
import type { Clock } from '../ports/runtime/clock.ts';

export type BodyRead =
  | { readonly kind: 'fragment'; readonly fragment: Fragment }
  /** Nothing whole came in time. */
  | { readonly kind: 'nothing' }
  /** The body is over, cleanly. */
  | { readonly kind: 'end' };

export class MediaBody {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #controller: AbortController;
  readonly #clock: Clock;
  readonly #reader = new FragmentReader();
  /** The read that is under way; kept across time-outs, since a chunk must not be lost. */
  #pending: Promise<IteratorResult<Uint8Array>> | undefined;
  #lastChunkAtMs: number;
  readonly #openedAtMs: number;

  constructor(body: AsyncIterable<Uint8Array>, controller: AbortController, clock: Clock) {
    this.#chunks = body[Symbol.asyncIterator]();
    this.#controller = controller;
    this.#clock = clock;
    this.#openedAtMs = clock.now();
    this.#lastChunkAtMs = this.#openedAtMs;
  }

  /** When bytes came last, or the session was opened. */
  get lastChunkAtMs(): number {
    return this.#lastChunkAtMs;
  }

  /** How long it has been open. */
  get ageMs(): number {
    return this.#clock.now() - this.#openedAtMs;
  }

  /** The next fragment. @throws MediaError when the body breaks off, MalformedError when it is no Matroska. */
  async read(timeoutMs: number, signal: AbortSignal): Promise<BodyRead> {
    const patience = new Patience(this.#clock, timeoutMs, signal);
    try {
      for (;;) {
        const fragment = this.#reader.next();
        if (fragment) return { kind: 'fragment', fragment };
        const chunk = await this.#chunk(patience);
        if (chunk === undefined) return { kind: 'nothing' };
        if (chunk.done === true) return { kind: 'end' };
        this.#lastChunkAtMs = this.#clock.now();
        this.#reader.push(chunk.value);
      }
    } finally {
      patience.end();
    }
  }

  /** After a MalformedError: reads on behind what can't be read. */
  passOver(): void {
    this.#reader.passOver();
  }

  /** What has come of a fragment that isn't whole yet. The session is of no use after it. */
  tail(): Fragment | undefined {
    try {
      return this.#reader.finish();
    } catch (error) {
      // What is left of it is malformed: it will be read again.
      if (error instanceof MalformedError) return undefined;
      throw error;
    }
  }

  /** A fragment has begun to come that isn't whole yet. */
  get isMidway(): boolean {
    return this.#reader.isMidway;
  }

  /** Ends the session. What the body says to that is of no interest any more. */
  close(): void {
    this.#controller.abort();
    this.#pending?.catch(() => undefined);
    void this.#chunks.return?.().catch(() => undefined);
  }

  /** @returns undefined when it takes longer than there is patience for. */
  async #chunk(patience: Patience): Promise<IteratorResult<Uint8Array> | undefined> {
    this.#pending ??= this.#chunks.next();
    const chunk = await Promise.race([this.#pending, patience.over]);
    if (chunk !== undefined) this.#pending = undefined;
    return chunk;
  }
}

/** How long one read waits, however many chunks it takes: a timer for each of them would cost more than reading does. */
class Patience {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #enough = new AbortController();
  readonly #stop = () => {
    // A reason of its own saves making an exception with a stack, which nobody sees.
    this.#enough.abort('enough');
  };
  #over: Promise<undefined> | undefined;

  constructor(clock: Clock, timeoutMs: number, signal: AbortSignal) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  /** Resolves when the time is up, or the signal is aborted. It begins when it is first waited for. */
  get over(): Promise<undefined> {
    this.#over ??= this.#wait();
    return this.#over;
  }

  end(): void {
    if (!this.#over) return;
    this.#signal.removeEventListener('abort', this.#stop);
    this.#stop();
  }

  #wait(): Promise<undefined> {
    this.#signal.addEventListener('abort', this.#stop, { once: true });
    if (this.#signal.aborted) this.#stop();
    return this.#clock.sleep(Math.max(0, this.#timeoutMs), this.#enough.signal).then(() => undefined);
  }
}
