/** Does what `step` commands: opens sessions, reads them, waits, leaves. It decides nothing. */
import { MalformedError } from '../matroska/errors.ts';
import type { Fragment } from '../matroska/fragment.ts';
import { type Media, MediaError, type StartSelector } from '../ports/media/media.ts';
import { kindOfStreamError } from '../ports/media/stream-errors.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import { MediaBody } from './media-body.ts';
import type { Input, Output, Reading, ReadingLimits } from './reading.ts';
import { commandOf, step } from './step.ts';

export interface ReaderOptions extends ReadingLimits {
  readonly media: Media;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Aborted: nothing is waited for any more. */
  readonly signal: AbortSignal;
}

/** What is said of the stream to whoever reads it. */
export type Said = Exclude<Output, { kind: 'warning' }>;

export class StreamReader {
  readonly #options: ReaderOptions;
  #reading: Reading;
  #body: MediaBody | undefined;
  readonly #said: Said[] = [];
  /** Ends what is waited for now. */
  #waiting = new AbortController();

  constructor(reading: Reading, options: ReaderOptions) {
    this.#options = options;
    this.#reading = reading;
    const stop = () => {
      this.interrupt();
    };
    options.signal.addEventListener('abort', stop, { once: true });
  }

  get reading(): Reading {
    return this.#reading;
  }

  /** What is said next; undefined when the signal is aborted. @throws what is no refusal of the stream's */
  async next(): Promise<Said | undefined> {
    const { signal } = this.#options;
    while (this.#said.length === 0 && !signal.aborted) {
      this.#take(await this.#perform());
      if (this.#waiting.signal.aborted) this.#waiting = new AbortController();
    }
    return this.#said.shift();
  }

  /** There is news: what has been waited for until now is to be told. */
  interrupt(): void {
    // A reason of its own saves making an exception with a stack, which nobody sees.
    this.#waiting.abort('news');
  }

  /** The contact is disconnected. */
  callIsOver(): void {
    if (this.#reading.call === 'goes on') this.#take({ kind: 'callIsOver' });
  }

  /** All that is left to say. Nothing more is read. */
  rest(): Said[] {
    this.#take({ kind: 'stop' });
    return this.#said.splice(0);
  }

  close(): void {
    this.#body?.close();
    this.#body = undefined;
  }

  #take(came: Input): void {
    for (let input: Input | undefined = came; input !== undefined;) {
      const { reading, outputs, command } = step(
        this.#reading,
        input,
        this.#options.clock.now(),
        this.#options,
      );
      this.#reading = reading;
      for (const output of outputs) {
        if (output.kind === 'warning') this.#options.telemetry.warn(output.message, output.fields);
        else this.#said.push(output);
      }
      input = command.kind === 'leave' ? { kind: 'left', tail: this.#leave() } : undefined;
    }
    if (this.#reading.phase.kind !== 'open') this.close();
  }

  async #perform(): Promise<Input> {
    const { clock } = this.#options;
    const command = commandOf(this.#reading, this.#options);
    switch (command.kind) {
      case 'wait': {
        const waitMs = Math.min(command.untilMs - clock.now(), command.mostMs);
        if (waitMs > 0) await clock.sleep(waitMs, this.#waiting.signal);
        return { kind: 'waited' };
      }
      case 'open':
        return this.#open(command.start);
      case 'readBehind':
        this.#body?.passOver();
        return this.#read(command.mostMs);
      case 'read':
        return this.#read(command.mostMs);
      case 'leave':
      case 'stop':
        throw new Error('nothing is read any more');
    }
  }

  async #open(start: StartSelector): Promise<Input> {
    const { clock, media, signal } = this.#options;
    const sinceMs = clock.now();
    const controller = new AbortController();
    // Whoever asks to stop must not wait for a service that doesn't answer.
    const giveUp = () => {
      controller.abort();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      this.#body = new MediaBody(await media.open(start, controller.signal), controller, clock);
      return { kind: 'opened', sinceMs };
    } catch (error) {
      return { kind: 'refused', refusal: refusalOf(error), sinceMs };
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  async #read(mostMs: number): Promise<Input> {
    const body = this.#body;
    if (!body) throw new Error('no session is open');
    const sinceMs = this.#options.clock.now();
    try {
      const came = await body.read(mostMs, this.#waiting.signal);
      if (came.kind === 'end') return { kind: 'ended', tail: this.#leave(), sinceMs };
      const error = came.kind === 'fragment' ? came.fragment.error : undefined;
      if (error) {
        const why = `the stream reports error ${error.id} ${error.code}`;
        const refusal = { kind: kindOfStreamError(error.id), why };
        return { kind: 'reported', refusal, tail: this.#leave(), sinceMs };
      }
      return { ...came, sinceMs, bytesAtMs: body.lastChunkAtMs, isMidway: body.isMidway };
    } catch (error) {
      if (error instanceof MalformedError)
        return { kind: 'malformed', number: error.fragmentNumber, why: error.message };
      return { kind: 'broke', refusal: refusalOf(error), tail: this.#leave() };
    }
  }

  /** @returns what had come of a fragment that isn't whole */
  #leave(): Fragment | undefined {
    const tail = this.#body?.tail();
    this.close();
    return tail;
  }
}

/** @throws the error itself, where it is no refusal */
function refusalOf(error: unknown) {
  if (!(error instanceof MediaError)) throw error;
  return { kind: error.kind, why: error.message };
}
