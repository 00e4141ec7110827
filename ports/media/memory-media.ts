import { type Media, MediaError, type StartSelector } from './media.ts';
import { session, type SessionPlan } from './memory-session.ts';
import type { MemoryStream } from './memory-stream.ts';

/** How one call of {@link MemoryMedia.open} goes. */
export interface OpenPlan extends SessionPlan {
  /** GetMedia is refused. */
  readonly refuse?: MediaError;
  /** The size of the body's chunks; without it a chunk is a document. */
  readonly chunkBytes?: number | (() => number);
}

/** Live media of a stream in memory. Knows no time but the stream's own clock, so that a simulation can drive it. */
export class MemoryMedia implements Media {
  readonly #stream: MemoryStream;
  readonly #plan: (session: number, start: StartSelector) => OpenPlan;
  readonly #starts: StartSelector[] = [];
  #open = 0;

  /** @param plan how the nth session (from 1) goes */
  constructor(stream: MemoryStream, plan: (session: number, start: StartSelector) => OpenPlan = () => ({})) {
    this.#stream = stream;
    this.#plan = plan;
  }

  /** The beginnings of all sessions so far, those that were refused included. */
  get starts(): readonly StartSelector[] {
    return this.#starts;
  }

  /** Bodies that are being read and have not ended. */
  get openBodies(): number {
    return this.#open;
  }

  open(start: StartSelector, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const plan = this.#plan(this.#starts.push(start), start);
    if (plan.refuse) return Promise.reject(plan.refuse);
    if (start.kind === 'continuationToken' && !/^[0-9]+$/.test(start.token)) {
      return Promise.reject(
        new MediaError('positionUnknown', 'GetMedia: the continuation token is malformed'),
      );
    }
    return Promise.resolve(this.#body(start, plan, signal));
  }

  async *#body(start: StartSelector, plan: OpenPlan, signal: AbortSignal) {
    this.#open += 1;
    try {
      for await (const document of session(this.#stream, start, plan, signal)) {
        yield* chunks(document, plan.chunkBytes);
      }
    } finally {
      this.#open -= 1;
    }
  }
}

function* chunks(bytes: Uint8Array, size: OpenPlan['chunkBytes']): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length;) {
    const length = Math.max(1, typeof size === 'function' ? size() : (size ?? bytes.length));
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
