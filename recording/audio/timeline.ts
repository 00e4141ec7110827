/**
 * The timeline: fragments in order of their numbers → stereo audio, every sample once, at its place in time
 * ({@link Placer}). Pure: the same set of fragments gives the same bytes.
 */
import type { Gap, Loss, Track } from '../call-record.ts';
import type { OwnFragment } from '../ownership.ts';
import { FragmentsAhead } from './fragments-ahead.ts';
import { DEFAULT_SAMPLE_RATE } from './pcm.ts';
import type { Placements } from './placements.ts';
import { Placer, roundMs, WINDOW_SECONDS } from './placer.ts';
import { KeptNotes } from './placing-notes.ts';
import { StereoWindow } from './stereo-window.ts';

export interface TimelineFacts {
  readonly sampleRate: number;
  readonly frames: number;
  /** Epoch ms of frame 0, by the producer's clock; undefined while there is no audio. */
  readonly originMs: number | undefined;
  /** Fragments with audio that is in the WAV. */
  readonly fragments: number;
  readonly gaps: readonly Gap[];
  readonly gapMs: Readonly<Record<Track, number>>;
  readonly reanchored: number;
  /** Blocks that came so late that they stand at the window's edge. */
  readonly lateBlocks: number;
  /** Blocks whose time could not be right: they follow on, or stand where those behind them say. */
  readonly strayBlocks: number;
  /** How far each track's audio ran ahead of its times at most. */
  readonly aheadMs: Readonly<Record<Track, number>>;
  readonly losses: readonly Loss[];
}

export class Timeline {
  readonly #ahead = new FragmentsAhead();
  readonly #notes = new KeptNotes();
  readonly #placer = new Placer(this.#notes);
  #window: StereoWindow | undefined;

  /**
   * Takes the next fragment. @param fragment numbered above the one before.
   * @returns the audio that is settled by it: interleaved S16LE, each chunk valid until the next one is taken.
   */
  *add(fragment: OwnFragment): Generator<Uint8Array> {
    if (fragment.blocks.length === 0 || !this.#ahead.push(fragment)) return;
    for (let next = this.#ahead.next(); next; next = this.#ahead.next()) yield* this.#take(next);
  }

  /** What is left; the shorter channel is padded with silence. */
  *finish(): Generator<Uint8Array> {
    for (let next = this.#ahead.rest(); next; next = this.#ahead.rest()) yield* this.#take(next);
    this.#placer.finish();
    if (this.#window) yield* this.#window.finish();
  }

  /** Hz; it stands once there is audio. */
  get sampleRate(): number {
    return this.#placer.sampleRate ?? this.#ahead.sampleRate ?? DEFAULT_SAMPLE_RATE;
  }

  /** Epoch ms of frame 0; undefined while there is no audio. */
  get originMs(): number | undefined {
    return this.#placer.originMs;
  }

  facts(): TimelineFacts {
    const { gaps, fragments, lateBlocks, strayBlocks, losses } = this.#notes;
    const gapMs: Record<Track, number> = { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 };
    for (const { track, lengthMs } of gaps) gapMs[track] = roundMs(gapMs[track] + lengthMs);
    const { sampleRate } = this;
    const [customer, agent] = this.#placer.lines;
    return {
      sampleRate,
      frames: this.#placer.furthest,
      originMs: this.originMs,
      fragments,
      gaps,
      gapMs,
      reanchored: this.#placer.reanchored,
      lateBlocks,
      strayBlocks,
      aheadMs: {
        AUDIO_FROM_CUSTOMER: roundMs((customer.ahead * 1000) / sampleRate),
        AUDIO_TO_CUSTOMER: roundMs((agent.ahead * 1000) / sampleRate),
      },
      losses,
    };
  }

  *#take(fragment: OwnFragment): Generator<Uint8Array> {
    const { held, sampleRate } = this.#ahead;
    const placed = this.#placer.place(fragment, held, sampleRate);
    const rate = this.#placer.sampleRate;
    if (rate === undefined) return;
    this.#ahead.settleRate(rate);
    yield* this.#write(placed, rate);
  }

  *#write(placed: Placements, sampleRate: number): Generator<Uint8Array> {
    for (let at = 0; at < placed.count; at += 1) {
      const window = (this.#window ??= new StereoWindow(sampleRate, WINDOW_SECONDS));
      const channel = placed.channelAt(at);
      const start = placed.startAt(at);
      const samples = placed.samplesAt(at);
      if (!window.placeWithin(channel, start, samples)) yield* window.place(channel, start, samples);
    }
  }
}
