/**
 * What a stream is sent, and when: chunks of one length, half as fast again as it is spoken at most; and silence where
 * nothing comes, so that the service, which ends a stream after 15 s without audio, hears on through a hold.
 */
import type { Clock } from '../../../ports/runtime/clock.ts';
import { BYTES_PER_FRAME } from '../../../recording/audio/stereo-window.ts';
import type { Backlog, Sides } from './backlog.ts';
import { isSilent, peakOf } from './loudness.ts';
import { SAID_MARGIN_SECONDS, type SaidSpans } from './said-spans.ts';
import { StreamMap } from './stream-map.ts';

const CHUNK_MS = 100;
const SPEED_MAX = 1.5;
/** Fragments come about once a second; where none has come for so long, nobody is heard. */
const FILL_AFTER_MS = 2_500;
/** Between audio that doesn't go on where the one before ends. */
const PAUSE_CHUNKS = 10;
const LOUD = 500;
/** A stream is ended between words: so many chunks in which nobody is heard. */
const QUIET_CHUNKS = 6;

export interface PumpOptions {
  readonly backlog: Backlog;
  readonly said: SaidSpans;
  readonly clock: Clock;
  readonly sampleRate: number;
  /** By the clock: from then on the stream is ended where nobody speaks. */
  readonly endsFromMs: () => number;
  readonly onChunk: (chunk: {
    readonly startFrame: number;
    readonly endFrame: number;
    readonly isLoud: boolean;
  }) => void;
}

export class Pump {
  readonly map: StreamMap;
  readonly #options: PumpOptions;
  readonly #chunkFrames: number;
  readonly #marginFrames: number;
  readonly #stopped = new AbortController();
  #nextMs: number;
  #lastMs: number;
  #isFilling = false;
  #pause = 0;
  #sides: Sides = 'both';
  #quietChunks = 0;
  #hasEnded = false;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.map = new StreamMap(options.backlog.heard);
    this.#chunkFrames = Math.round((CHUNK_MS * options.sampleRate) / 1000);
    this.#marginFrames = Math.round(SAID_MARGIN_SECONDS * options.sampleRate);
    this.#nextMs = this.#lastMs = options.clock.now();
  }

  /** Whether all was sent that was to be, and the stream was told so. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Nothing more is sent: whoever reads the chunks may go on reading when the stream is over. */
  stop(): void {
    this.#stopped.abort();
    this.#options.backlog.wake();
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = await this.#next();
      if (next === 'stopped') return;
      if (next === 'end') break;
      const startFrame = this.map.end;
      const chunk = this.#take();
      // Who gives may give more.
      this.#options.backlog.wake();
      const isLoud = peakOf(chunk) >= LOUD;
      this.#quietChunks = isLoud ? 0 : this.#quietChunks + 1;
      this.#options.onChunk({ startFrame, endFrame: this.map.end, isLoud });
      yield chunk;
    }
    this.#hasEnded = true;
  }

  /** Waits until a chunk is there, or silence is to be sent in its place, and may be sent. */
  async #next(): Promise<'chunk' | 'end' | 'stopped'> {
    const { backlog, clock, endsFromMs } = this.#options;
    for (;;) {
      if (this.#stopped.signal.aborted) return 'stopped';
      const now = clock.now();
      if (now >= endsFromMs() && this.#quietChunks >= QUIET_CHUNKS) return 'end';
      this.#redeem();
      const waiting = backlog.end - this.map.position;
      if (backlog.isOver && waiting === 0) return 'end';
      const isReady = waiting >= this.#chunkFrames || backlog.isOver || this.#pause > 0;
      const fillMs = this.#lastMs + (this.#isFilling ? CHUNK_MS : FILL_AFTER_MS);
      const dueMs = isReady ? this.#nextMs : Math.max(this.#nextMs, fillMs);
      if (now >= dueMs) {
        this.#sentAt(now, !isReady);
        return 'chunk';
      }
      await this.#wait(dueMs - now, isReady);
    }
  }

  /** A delay of its own may be made up for by two chunks; what a hold is filled with keeps step with it. */
  #sentAt(now: number, isFilling: boolean): void {
    const spacing = CHUNK_MS / SPEED_MAX;
    this.#nextMs = Math.max(this.#nextMs + spacing, now - spacing);
    const inStep = isFilling && this.#isFilling;
    this.#lastMs = inStep ? Math.max(this.#lastMs + CHUNK_MS, now - FILL_AFTER_MS) : now;
    this.#isFilling = isFilling;
  }

  async #wait(ms: number, isReady: boolean): Promise<void> {
    const { backlog, clock } = this.#options;
    const enough = new AbortController();
    const signal = AbortSignal.any([enough.signal, this.#stopped.signal]);
    const slept = clock.sleep(ms, signal);
    await (isReady ? slept : Promise.race([slept, backlog.changed()]));
    enough.abort();
  }

  /** Silence that comes now, where silence was sent since nothing had come, is that silence. */
  #redeem(): void {
    // A stream that follows one which broke off in a hold begins behind the hold.
    while (this.map.end === 0) {
      const part = this.#options.backlog.read(this.map.position, this.#chunkFrames);
      if (part?.sides !== 'both' || !isSilent(part.stereo)) break;
      this.map.skip(part.stereo.length / BYTES_PER_FRAME);
    }
    for (let filler = this.map.filler; filler > 0; filler = this.map.filler) {
      const part = this.#options.backlog.read(this.map.position, Math.min(filler, this.#chunkFrames));
      if (part?.sides !== 'both' || this.#sides !== 'both' || !isSilent(part.stereo)) return;
      this.map.redeem(part.stereo.length / BYTES_PER_FRAME);
    }
  }

  #take(): Uint8Array {
    const { backlog, said } = this.#options;
    const chunk = new Uint8Array(this.#chunkFrames * BYTES_PER_FRAME);
    let frames = 0;
    while (frames < this.#chunkFrames && this.#pause === 0) {
      const part = backlog.read(this.map.position, this.#chunkFrames - frames);
      if (part === undefined) break;
      if (part.sides !== this.#sides) {
        this.#sides = part.sides;
        this.#pause = PAUSE_CHUNKS;
        break;
      }
      chunk.set(said.mute(part.startFrame, part.stereo, this.#marginFrames), frames * BYTES_PER_FRAME);
      const taken = part.stereo.length / BYTES_PER_FRAME;
      this.map.sent(taken);
      frames += taken;
    }
    if (frames === 0 && this.#pause > 0) this.#pause -= 1;
    this.map.filled(this.#chunkFrames - frames);
    return chunk;
  }
}
