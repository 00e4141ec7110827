/** One GetMedia session: its body as fragments, with a limit on how long to wait for the next one. */
import type { Fragment } from '../matroska/fragment.ts';
import { FragmentReader } from '../matroska/reader.ts';
import type { Clock } from '../ports/clock.ts';

export type SessionRead =
  | { readonly kind: 'fragment'; readonly fragment: Fragment }
  /** Nothing whole came in time. */
  | { readonly kind: 'nothing' }
  /** The body is over, cleanly. */
  | { readonly kind: 'end' };

export class MediaSession {
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
  async read(timeoutMs: number, signal: AbortSignal): Promise<SessionRead> {
    const until = this.#clock.now() + timeoutMs;
    for (;;) {
      const fragment = this.#reader.next();
      if (fragment) return { kind: 'fragment', fragment };
      const chunk = await this.#chunk(until - this.#clock.now(), signal);
      if (chunk === undefined) return { kind: 'nothing' };
      if (chunk.done === true) return { kind: 'end' };
      this.#lastChunkAtMs = this.#clock.now();
      this.#reader.push(chunk.value);
    }
  }

  /** What has come of a fragment that isn't whole yet. The session is of no use after it. */
  tail(): Fragment | undefined {
    return this.#reader.finish();
  }

  /** The number of a fragment that has begun to come. */
  get pendingNumber(): bigint | undefined {
    return this.#reader.pendingNumber;
  }

  /** Ends the session. What the body says to that is of no interest any more. */
  close(): void {
    this.#controller.abort();
    this.#pending?.catch(() => undefined);
    void this.#chunks.return?.().catch(() => undefined);
  }

  /** @returns undefined when it takes longer than `timeoutMs`, or the signal is aborted. */
  async #chunk(timeoutMs: number, signal: AbortSignal): Promise<IteratorResult<Uint8Array> | undefined> {
    this.#pending ??= this.#chunks.next();
    const enough = new AbortController();
    const stop = () => {
      enough.abort();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      const chunk = await Promise.race([
        this.#pending,
        this.#clock.sleep(Math.max(0, timeoutMs), enough.signal).then(() => undefined),
      ]);
      if (chunk !== undefined) this.#pending = undefined;
      return chunk;
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }
}
