/** One stream of the service's, from its beginning to whatever ends it. */
import type { Clock } from '../../../ports/runtime/clock.ts';
import {
  type Transcribe,
  TranscribeFailure,
  type TranscribeRequest,
  type TranscribeResult,
} from '../../../ports/transcribe/transcribe.ts';
import type { Backlog } from './backlog.ts';
import { Heard } from './heard.ts';
import { Pump } from './pump.ts';
import type { Places } from './results.ts';
import type { SaidSpans } from './said-spans.ts';
import type { Edge } from './stream-map.ts';

export interface StreamOptions {
  readonly transcribe: Transcribe;
  readonly request: TranscribeRequest;
  readonly backlog: Backlog;
  readonly said: SaidSpans;
  /** Of answers, and of what is waited for. */
  readonly clock: Clock;
  /** Of what is sent. */
  readonly pumpClock: Clock;
  /** A stream is ended by itself when it has lasted so long, where nobody speaks; it breaks off a while after that. */
  readonly streamMs: number;
  readonly isPatient: boolean;
  readonly onResult: (result: TranscribeResult, places: Places) => Promise<void>;
  /** Called every now and then, when it may have been heard further. */
  readonly onHeard: () => Promise<void>;
}

/** - `done`: all that was given has been heard
 *  - `over`: it has lasted as long as it may, and another one is to follow
 *  - `hung`: it answered nothing
 *  - anything else is the service's or the connection's word; `dropped`, where it had none */
export type StreamEnd = 'done' | 'over' | 'hung' | 'closed' | (string & {});

const WATCH_MS = 1_000;
/** How long somebody may go on speaking when a stream is to end; less of a shorter one. */
const SPEECH = { mostMs: 120_000, ofStream: 1 / 30 };
/** How long the service may take for what is left, once it has been told that nothing follows. */
const LAST_MS = 30_000;
/** Credentials are fresh again so long before they expire. */
const FRESH_MS = 240_000;
const LEAST_MS = 60_000;
/** So many seconds of what was heard are kept, to find words in. */
const KEPT_SECONDS = 5;

export class Stream {
  readonly #options: StreamOptions;
  readonly #heard: Heard;
  readonly #pump: Pump;
  readonly #closing = new AbortController();
  #end: StreamEnd | undefined;
  #endsFromMs: number;
  #endedMs: number | undefined;
  #watchError: Error | undefined;
  #answers = 0;

  constructor(options: StreamOptions) {
    const { backlog, said, pumpClock, request, streamMs } = options;
    const { sampleRate } = request;
    this.#options = options;
    this.#heard = new Heard(sampleRate, options.isPatient);
    this.#endsFromMs = pumpClock.now() + streamMs;
    this.#pump = new Pump({
      backlog,
      said,
      clock: pumpClock,
      sampleRate,
      endsFromMs: () => this.#endsFromMs,
      onChunk: (chunk) => {
        this.#heard.sent({ ...chunk, atMs: options.clock.now() });
      },
    });
  }

  /** How many results it has given. */
  get answers(): number {
    return this.#answers;
  }

  /** What hasn't been sent of what was given, frames. */
  get unsent(): number {
    return this.#options.backlog.end - this.#pump.map.position;
  }

  close(): void {
    this.#stop('closed');
  }

  /** @throws what the callbacks throw */
  async run(): Promise<StreamEnd> {
    const watched = this.#watch();
    try {
      await this.#read();
    } catch (error) {
      if (!(error instanceof TranscribeFailure)) throw error;
      this.#end ??= error.code;
    } finally {
      this.#pump.stop();
      this.#closing.abort();
      await watched;
    }
    if (this.#watchError !== undefined) throw this.#watchError;
    return (this.#end ??= this.#endOfDrop());
  }

  async #read(): Promise<void> {
    const { transcribe, request, pumpClock, onResult } = this.#options;
    const { signal } = this.#closing;
    const stream = await unlessAborted(transcribe.open(request, this.#pump.chunks(), signal), signal);
    if (stream === undefined) return;
    const { expiresAtMs = Infinity, results } = stream;
    const now = pumpClock.now();
    this.#endsFromMs = Math.min(this.#endsFromMs, Math.max(now + LEAST_MS, expiresAtMs - FRESH_MS));
    const iterator = results[Symbol.asyncIterator]();
    for (;;) {
      const next = await unlessAborted(iterator.next(), signal);
      if (next === undefined || next.done === true) return;
      for (const result of next.value) {
        await onResult(result, this.#placesOf(result));
        this.#take(result);
      }
      await this.#hear();
    }
  }

  #take({ id, channel, isPartial, startSeconds, endSeconds }: TranscribeResult): void {
    this.#answers += 1;
    const frame = (seconds: number) => Math.round(seconds * this.#options.request.sampleRate);
    this.#heard.take({
      id,
      channel,
      isPartial,
      startFrame: frame(startSeconds),
      endFrame: frame(endSeconds),
    });
  }

  #placesOf({ channel }: TranscribeResult): Places {
    const { request, backlog } = this.#options;
    const { map } = this.#pump;
    const positionOf = (seconds: number, edge: Edge) =>
      map.positionOf(Math.round(seconds * request.sampleRate), edge);
    return {
      frameAt: (seconds, edge) => backlog.frameAt(positionOf(seconds, edge), channel, edge),
      isGone: (seconds) => backlog.isGone(positionOf(seconds, 'start'), channel),
    };
  }

  async #hear(upTo = this.#heard.upTo(this.#options.clock.now())): Promise<void> {
    const { backlog, request, onHeard } = this.#options;
    const kept = KEPT_SECONDS * request.sampleRate;
    const { map } = this.#pump;
    backlog.hear(map.positionOf(upTo, 'start'), kept);
    map.forget(upTo - kept);
    await onHeard();
  }

  /** Ends what hangs, and what somebody speaks on and on in when it is to end. */
  async #watch(): Promise<void> {
    const { clock, pumpClock, streamMs } = this.#options;
    const { signal } = this.#closing;
    const speechMs = Math.min(SPEECH.mostMs, streamMs * SPEECH.ofStream);
    for (;;) {
      await clock.sleep(WATCH_MS, signal);
      if (signal.aborted) return;
      const now = clock.now();
      if (this.#pump.hasEnded) this.#endedMs ??= now;
      if (this.#heard.hangs(now)) this.#stop('hung');
      else if (now - (this.#endedMs ?? now) > LAST_MS) this.#stop('hung');
      else if (pumpClock.now() > this.#endsFromMs + speechMs) this.#stop('over');
      else
        await this.#hear().catch((error: unknown) => {
          this.#watchError = error instanceof Error ? error : new Error('what was heard can’t be kept');
          this.#stop('closed');
        });
    }
  }

  #stop(end: StreamEnd): void {
    this.#end ??= end;
    this.#pump.stop();
    this.#closing.abort();
  }

  /** It has ended without a word: whether that is a drop, only what was sent and said can tell. */
  #endOfDrop(): StreamEnd {
    const { backlog, isPatient } = this.#options;
    const isClean =
      this.#pump.hasEnded && !this.#heard.isInSpeech && (isPatient || !this.#heard.isUnanswered);
    if (!isClean) return 'dropped';
    backlog.hear(this.#pump.map.position, 0);
    return backlog.isOver && backlog.heard === backlog.end ? 'done' : 'over';
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  promise.catch(() => undefined);
  let stop: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => {
      resolve(undefined);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
