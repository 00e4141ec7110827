/**
 * How far a server has come. It reads in order, so that its answer to a question shows that it has read all that was sent
 * before that. One question is under way at a time.
 */
import type { Clock } from '../../../../ports/runtime/clock.ts';

/** Asked this soon, so that the server knows early how long answers take; then this often. */
const ASK_MS = { first: 1_000, then: 5_000 };
/** A question of which no answer has come for so long has none. */
const ANSWER_MS = 30_000;
/** Audio after which it is asked sooner, and audio that may be sent without an answer. */
const SECONDS = { asked: 5, unheard: 15 };

export interface ReceiptsOptions {
  readonly clock: Clock;
  readonly sampleRate: number;
  readonly startFrame: number;
  /** @returns the question’s number: higher than that of any before */
  readonly ask: () => number;
  /** No answer has come in time. */
  readonly onSilence: () => void;
}

interface Question {
  readonly number: number;
  /** All frames before it had been sent when it was asked. */
  readonly frame: number;
  readonly atMs: number;
}

export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #over = new AbortController();
  #sent: number;
  #heard: number;
  #asked: Question | undefined;
  /** Frames that had been sent when it was last asked. */
  #askedAt: number;
  #wake: () => void = () => undefined;
  #answerMs: number | undefined;

  constructor(options: ReceiptsOptions) {
    this.#options = options;
    this.#sent = this.#heard = this.#askedAt = options.startFrame;
  }

  get heard(): number {
    return this.#heard;
  }

  /** How long the last answer took; undefined while there was none. */
  get answerMs(): number | undefined {
    return this.#answerMs;
  }

  /** Asks by the clock, until it is over. */
  async keepAsking(): Promise<void> {
    const { clock } = this.#options;
    for (let waitMs = ASK_MS.first; ; waitMs = ASK_MS.then) {
      await clock.sleep(waitMs, this.#over.signal);
      if (this.#over.signal.aborted) return;
      if (this.#asked === undefined) this.#ask();
      else if (clock.now() - this.#asked.atMs >= ANSWER_MS) {
        this.#options.onSilence();
        return;
      }
    }
  }

  /** All frames before it have been left out. */
  leftOut(upTo: number): void {
    this.#sent = upTo;
  }

  /** All frames before it have been sent. Resolves when there may be more. */
  async sent(upTo: number): Promise<void> {
    this.#sent = upTo;
    const { sampleRate } = this.#options;
    if (this.#asked === undefined && upTo - this.#askedAt >= SECONDS.asked * sampleRate) this.#ask();
    while (this.#sent - this.#heard > SECONDS.unheard * sampleRate && !this.#over.signal.aborted)
      await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** @param number all questions up to it have been answered. @returns whether one was waiting for that */
  answered(number: number): boolean {
    const asked = this.#asked;
    if (asked === undefined || number < asked.number) return false;
    this.#answerMs = this.#options.clock.now() - asked.atMs;
    this.#asked = undefined;
    this.#heardUpTo(asked.frame);
    if (this.#sent - this.#askedAt >= SECONDS.asked * this.#options.sampleRate) this.#ask();
    return true;
  }

  /** The server has got all that was sent. */
  all(): void {
    this.#heardUpTo(this.#sent);
  }

  /** Nothing is asked, nor waited for, any more. */
  stop(): void {
    this.#over.abort();
    this.#wake();
  }

  #ask(): void {
    if (this.#over.signal.aborted) return;
    this.#askedAt = this.#sent;
    const atMs = this.#options.clock.now();
    this.#asked = { number: this.#options.ask(), frame: this.#sent, atMs };
  }

  #heardUpTo(frame: number): void {
    this.#heard = Math.max(this.#heard, frame);
    this.#wake();
  }
}
