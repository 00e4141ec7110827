/** What refusals of GetMedia come to: a wait before the next try, and a standing refusal where they go on and on. */
import type { MediaErrorKind } from '../ports/media/media.ts';
import type { EndReason } from '../recording/call-record.ts';
import { Backoff } from './backoff.ts';

/** The service says it this often in a row before it is believed: a process that was halted has not asked. */
const TRIES_BEFORE_BELIEVED = 6;

/** What the next try mends no better than this one: a policy, a key, or a stream that isn't there. */
const LASTING: Partial<Record<MediaErrorKind, EndReason>> = {
  noSuchStream: 'NO_SUCH_STREAM',
  accessDenied: 'ACCESS_DENIED',
  keyUnavailable: 'KEY_UNAVAILABLE',
};

/** The stream can't be read, and it isn't the service's fault. */
export interface StandingRefusal {
  readonly reason: EndReason;
  readonly why: string;
  /** Since when nothing could be read: epoch ms. */
  readonly sinceMs: number;
}

export class Refusals {
  readonly #backoff: Backoff;
  #last: StandingRefusal | undefined;
  #tries = 0;

  /** @param waitMsMax between two tries */
  constructor(waitMsMax: number) {
    this.#backoff = new Backoff(500, waitMsMax);
  }

  note(kind: MediaErrorKind, why: string, nowMs: number): void {
    const reason = LASTING[kind];
    // Who says that the position is unknown has looked for it.
    if (kind === 'positionUnknown') this.#forgetLast();
    if (reason === undefined) return;
    this.#tries += 1;
    this.#last = { reason, why, sinceMs: this.#last?.sinceMs ?? nowMs };
  }

  /** Undefined unless it has been said often enough, with nothing read in between. */
  get standing(): StandingRefusal | undefined {
    return this.#tries >= TRIES_BEFORE_BELIEVED ? this.#last : undefined;
  }

  /** How long to wait before the next try, in ms. */
  nextWaitMs(): number {
    return this.#backoff.nextMs();
  }

  /** It went well. */
  forget(): void {
    this.#forgetLast();
    this.#backoff.reset();
  }

  /** What was refused is passed over: what comes is another matter. */
  forgetWaits(): void {
    this.#backoff.reset();
  }

  #forgetLast(): void {
    this.#last = undefined;
    this.#tries = 0;
  }
}
