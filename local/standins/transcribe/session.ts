/** One stream: hears what comes, and answers late, in order, as far as the service would have come. */
import type { Clock } from '../../../ports/runtime/clock.ts';
import { ServiceError } from '../json.ts';
import { type ClientFrame, eventFrame } from './frames.ts';
import type { HeardUtterance, Hearing, Tell } from './hearing.ts';
import type { StreamSettings } from './request.ts';
import { resultOf } from './results.ts';

export interface SessionOptions {
  readonly settings: StreamSettings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly hearing: (sampleRate: number, tell: Tell) => Hearing;
  /** How long an answer takes at least, and at most. */
  readonly lagMs: { readonly least: number; readonly most: number };
  /** The stream ends when nothing has come for so long, and when it has lasted so long. */
  readonly silenceMs: number;
  readonly longestMs: number;
  readonly isMute?: boolean;
  /** Writes a frame to the client. */
  readonly write: (frame: Uint8Array) => void;
  /** Called once, when the session is over: well, or by an exception. */
  readonly over: (error?: ServiceError) => void;
}

/** So many times as fast as live the service hears, at most. */
const SPEED_MAX = 1.7;
const BYTES_PER_FRAME = 4;
const CHUNK_SECONDS_MAX = 1;

export class Session {
  readonly #options: SessionOptions;
  readonly #hearing: Hearing;
  readonly #closed = new AbortController();
  readonly #beganMs: number;
  #lastCameMs: number;
  #answering: Promise<void> = Promise.resolve();
  #isEnding = false;
  #isOver = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#beganMs = this.#lastCameMs = options.clock.now();
    this.#hearing = options.hearing(options.settings.sampleRate, (utterance) => {
      this.#answer(utterance);
    });
    void this.#watch();
  }

  take(frame: ClientFrame): void {
    if (this.#isOver || this.#isEnding) return;
    this.#lastCameMs = this.#options.clock.now();
    if (frame === 'end') {
      this.#isEnding = true;
      void this.#finish();
      return;
    }
    const { audio } = frame;
    const { sampleRate } = this.#options.settings;
    if (
      audio.length % BYTES_PER_FRAME !== 0 ||
      audio.length > CHUNK_SECONDS_MAX * sampleRate * BYTES_PER_FRAME
    )
      this.fail('BadRequestException', 'An audio chunk is not made of whole frames, or is too long.');
    else this.#hearing.give(Buffer.from(audio));
  }

  fail(code: string, message: string): void {
    this.#end(new ServiceError(code, message));
  }

  /** The client has gone, or is cut off. */
  close(): void {
    this.#isOver = true;
    this.#closed.abort();
    this.#hearing.close();
  }

  async #finish(): Promise<void> {
    await this.#hearing.end();
    await this.#answering;
    this.#end();
  }

  #end(error?: ServiceError): void {
    if (this.#isOver) return;
    this.close();
    this.#options.over(error);
  }

  #answer(utterance: HeardUtterance): void {
    const { clock, lagMs, random, settings, isMute } = this.#options;
    if (isMute === true) return;
    const lag = lagMs.least + random() * (lagMs.most - lagMs.least);
    const heardMs = this.#beganMs + (utterance.endFrame * 1000) / settings.sampleRate / SPEED_MAX;
    const dueMs = Math.max(clock.now() + lag, heardMs);
    const result = resultOf(utterance, settings, random);
    this.#answering = this.#answering.then(async () => {
      await clock.sleep(Math.max(0, dueMs - clock.now()), this.#closed.signal);
      if (!this.#isOver)
        this.#options.write(eventFrame('TranscriptEvent', { Transcript: { Results: [result] } }));
    });
  }

  async #watch(): Promise<void> {
    const { clock, silenceMs, longestMs } = this.#options;
    const endsMs = this.#beganMs + longestMs;
    while (!this.#isOver) {
      const untilMs = this.#isEnding ? endsMs : Math.min(this.#lastCameMs + silenceMs, endsMs);
      await clock.sleep(Math.max(1, untilMs - clock.now()), this.#closed.signal);
      if (clock.now() >= endsMs)
        this.fail(
          'LimitExceededException',
          'The maximum session duration was exceeded. Start a new streaming session.',
        );
      else if (!this.#isEnding && clock.now() >= this.#lastCameMs + silenceMs)
        this.fail(
          'BadRequestException',
          'Your request timed out because no new audio was received for 15 seconds.',
        );
    }
  }
}
