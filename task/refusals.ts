/** What refusals of GetMedia come to: a wait before the next try, or the end. */
import type { MediaErrorKind } from '../ports/media.ts';
import type { EndReason } from '../recording/call-record.ts';
import { Backoff } from './backoff.ts';

/** The service says it this often in a row, within some 15 s, before it is believed. */
const TRIES_BEFORE_FINAL = 6;

const FINAL: Partial<Record<MediaErrorKind, EndReason>> = {
  noSuchStream: 'NO_SUCH_STREAM',
  accessDenied: 'ACCESS_DENIED',
  keyUnavailable: 'KEY_UNAVAILABLE',
};

export class Refusals {
  readonly #backoff: Backoff;
  #finals = 0;

  /** @param waitMsMax between two tries */
  constructor(waitMsMax: number) {
    this.#backoff = new Backoff(500, waitMsMax);
  }

  /** @returns why it is over, where no retry can mend it. */
  note(kind: MediaErrorKind): EndReason | undefined {
    const reason = FINAL[kind];
    this.#finals = reason === undefined ? 0 : this.#finals + 1;
    return this.#finals >= TRIES_BEFORE_FINAL ? reason : undefined;
  }

  /** How long to wait before the next try, in ms. */
  nextWaitMs(): number {
    return this.#backoff.nextMs();
  }

  /** It went well. */
  forget(): void {
    this.#finals = 0;
    this.#backoff.reset();
  }

  /** What was refused is passed over: what comes is another matter. */
  forgetWaits(): void {
    this.#backoff.reset();
  }
}
