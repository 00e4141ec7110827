/**
 * The timeline while people talk: fragments → what whoever listens is given, by the WAV's own rules ({@link Placer}).
 *
 * The WAV judges a fragment with those that follow it in hand. This doesn't wait for them: it gives what the WAV would be
 * if nothing followed. What follows may tell otherwise; then what was given at a wrong place is taken back (a gap
 * `MOVED`), and given where it belongs (`late`). One side is not waited for either: what it hasn't brought when the
 * other one is {@link LIVE_WINDOW_MS} further goes out as silence, told as a gap, and as `late` when it comes after all.
 * So whoever writes each output where it belongs, in order, has the WAV in the end.
 */
import type { Block, NumberedFragment } from '../../matroska/fragment.ts';
import { FragmentsAhead } from '../../recording/audio/fragments-ahead.ts';
import { BYTES_PER_SAMPLE, type Channel, DEFAULT_SAMPLE_RATE } from '../../recording/audio/pcm.ts';
import type { PlacedSamples } from '../../recording/audio/placements.ts';
import { Placer, type PlacerState } from '../../recording/audio/placer.ts';
import { NO_NOTES } from '../../recording/audio/placing-notes.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import {
  byBlock,
  CHANNELS,
  isUnmoved,
  joined,
  type Layout,
  layOut,
  type Run,
  uncovered,
  within,
} from './layout.ts';
import type { LiveOutput, Span } from './outputs.ts';

/** How much further the one side may be before the other one isn't waited for. */
export const LIVE_WINDOW_MS = 500;
/** No output holds more audio than this. */
const OUTPUT_SECONDS_MAX = 1;

/** Between two fragments. No audio is in it: whoever goes on is given the fragments behind `settled` once more. */
export interface LiveState {
  /** Where the fragments up to `settled` left off; nothing that follows can tell more of them. */
  readonly placer: PlacerState;
  readonly settled: bigint | undefined;
  /** The last fragment that was taken. */
  readonly taken: bigint | undefined;
  /** All frames before it have been given. */
  readonly given: number;
}

export interface LiveFormat {
  readonly sampleRate: number;
  /** Epoch ms of frame 0. */
  readonly originMs: number;
}

export class LiveTimeline {
  readonly #windowMs: number;
  readonly #ahead: FragmentsAhead;
  readonly #placer: Placer;
  #settled: bigint | undefined;
  #taken: bigint | undefined;
  #given: number;
  /** Whether the sample rate is known, or won't be. */
  #isReady: boolean;
  /** Where the fragments that are held lie, as they were given; undefined where it is to be found out again. */
  #layout: Layout | undefined;

  constructor(state?: LiveState, windowMs = LIVE_WINDOW_MS) {
    this.#windowMs = windowMs;
    this.#placer = new Placer(NO_NOTES, state?.placer);
    this.#ahead = new FragmentsAhead(state?.placer.sampleRate);
    this.#settled = state?.settled;
    this.#taken = state?.taken;
    this.#given = state?.given ?? 0;
    this.#isReady = state?.placer.sampleRate !== undefined;
  }

  get state(): LiveState {
    return { placer: this.#placer.state, settled: this.#settled, taken: this.#taken, given: this.#given };
  }

  /** Undefined while nothing has been given. */
  get format(): LiveFormat | undefined {
    return formatOf(this.#laidOut());
  }

  /** What it would be with these behind it. */
  formatWith(others: readonly NumberedFragment[]): LiveFormat | undefined {
    return formatOf(this.#laidOutWith(others));
  }

  /**
   * Takes the next fragment. @param fragment numbered above the one before; after a new beginning, from the one behind
   * `settled` on: those that had been taken already give nothing more
   */
  *add(fragment: NumberedFragment): Generator<LiveOutput> {
    const isNew = this.#taken === undefined || fragment.number > this.#taken;
    const before = isNew ? this.#laidOut() : undefined;
    if (isNew) this.#taken = fragment.number;
    if (fragment.blocks.length === 0) return;
    this.#layout = undefined;
    this.#isReady = this.#ahead.push(fragment);
    if (before === undefined || !this.#isReady) return;
    const settled = this.#settle();
    const layout = this.#laidOut();
    const placed = [...settled, ...layout.placed];
    yield* this.#correct(before.placed, placed);
    yield* this.#giveUpTo(this.#sureUpTo(layout), placed, layout);
  }

  /** Nothing has come for a while: what is held back goes out. */
  *flush(): Generator<LiveOutput> {
    const layout = this.#laidOut();
    yield* this.#giveUpTo(layout.furthest, layout.placed, layout);
  }

  /** Nothing follows, as far as is known; should something follow after all, it goes on. */
  *finish(): Generator<LiveOutput> {
    this.close();
    yield* this.flush();
  }

  /** Nothing that follows tells the sample rate any more. */
  close(): void {
    this.#isReady = true;
    this.#layout = undefined;
  }

  /**
   * Another timeline took what this one did, and then fragments that turned out not to be the recording's. What that one
   * gave elsewhere than this one would, and all behind it, is taken back, and given where it belongs.
   * @param given where that one has come to
   * @param others the first fragments that it took besides; undefined where they can't be told any more
   */
  *correctFor(given: number, others: readonly NumberedFragment[] | undefined): Generator<LiveOutput> {
    this.#given = given;
    const { placed } = this.#laidOut();
    const was = others && this.#laidOutWith(others).placed;
    for (const channel of CHANNELS) {
      const own = placed.filter((one) => one.channel === channel);
      const from = was ? this.#unlikeFrom(own, byBlock(was), channel) : this.#settledEnd(channel);
      if (from >= given) continue;
      yield { kind: 'gap', span: { channel, startFrame: from, frames: given - from }, why: 'MOVED' };
      const late = own.filter(({ start }) => start >= from);
      for (const { start, samples } of this.#alreadyGiven(late))
        yield { kind: 'late', channel, startFrame: start, samples };
    }
  }

  #laidOutWith(others: readonly NumberedFragment[]): Layout {
    return layOut(this.#placer.state, [...this.#ahead.held, ...others], this.#ahead.sampleRate);
  }

  /** From where on a side was laid out in another way; its end, where it was not. */
  #unlikeFrom(
    own: readonly PlacedSamples[],
    was: ReadonlyMap<Block, PlacedSamples>,
    channel: Channel,
  ): number {
    const first = own.find((one) => !isUnmoved(one, was.get(one.block)));
    if (first === undefined) return this.#laidOut().ends[channel];
    return Math.min(first.start, was.get(first.block)?.start ?? first.start);
  }

  #settledEnd(channel: Channel): number {
    return this.#placer.lines[channel].end ?? 0;
  }

  #laidOut(): Layout {
    const held = this.#isReady ? this.#ahead.held : [];
    return (this.#layout ??= layOut(this.#placer.state, held, this.#ahead.sampleRate));
  }

  /** The fragments of which no more can be told. */
  #settle(): PlacedSamples[] {
    const settled: PlacedSamples[] = [];
    for (let next = this.#ahead.next(); next; next = this.#ahead.next()) {
      settled.push(...this.#placer.place(next, this.#ahead.held, this.#ahead.sampleRate).list());
      this.#settled = next.number;
      if (this.#placer.sampleRate !== undefined) this.#ahead.settleRate(this.#placer.sampleRate);
    }
    return settled;
  }

  /** Takes back what was given where it doesn't belong, and gives what belongs to where silence was given. */
  *#correct(before: readonly PlacedSamples[], now: readonly PlacedSamples[]): Generator<LiveOutput> {
    const [was, is] = [byBlock(before), byBlock(now)];
    const moved = before.filter((one) => !isUnmoved(one, is.get(one.block)));
    for (const { channel, start, end } of this.#alreadyGiven(moved))
      yield { kind: 'gap', span: { channel, startFrame: start, frames: end - start }, why: 'MOVED' };
    const late = now.filter((one) => !isUnmoved(one, was.get(one.block)));
    for (const { channel, start, samples } of this.#alreadyGiven(late))
      yield { kind: 'late', channel, startFrame: start, samples };
  }

  #alreadyGiven(placed: readonly PlacedSamples[]): Run[] {
    const runs = placed.flatMap((one) => within(one, 0, this.#given) ?? []);
    return joined(runs, this.#framesMax());
  }

  /** What both sides have brought; one that is late is waited for no longer than the window, or until it is settled. */
  #sureUpTo({ sureEnds: [left, right], sampleRate = DEFAULT_SAMPLE_RATE }: Layout): number {
    const windowFrames = Math.round((this.#windowMs * sampleRate) / 1000);
    return Math.max(Math.min(left, right), Math.max(left, right) - windowFrames, this.#placer.furthest);
  }

  *#giveUpTo(to: number, placed: readonly PlacedSamples[], { ends }: Layout): Generator<LiveOutput> {
    const from = this.#given;
    if (to <= from) return;
    const runs = placed.flatMap((one) => within(one, from, to) ?? []);
    for (const channel of CHANNELS) {
      const own = runs.filter((run) => run.channel === channel);
      for (const span of uncovered(own, channel, from, to)) yield* gapsOf(span, ends[channel]);
    }
    const step = this.#framesMax();
    for (let start = from; start < to; start = this.#given) {
      this.#given = Math.min(start + step, to);
      yield { kind: 'audio', startFrame: start, stereo: stereoOf(runs, start, this.#given) };
    }
  }

  #framesMax(): number {
    return OUTPUT_SECONDS_MAX * (this.#ahead.sampleRate ?? DEFAULT_SAMPLE_RATE);
  }
}

function formatOf({ sampleRate, originMs }: Layout): LiveFormat | undefined {
  return sampleRate === undefined || originMs === undefined ? undefined : { sampleRate, originMs };
}

/** Silence before where the side has come to, and what hasn't come yet. */
function* gapsOf({ channel, startFrame, frames }: Span, end: number): Generator<LiveOutput> {
  const silent = Math.max(0, Math.min(frames, end - startFrame));
  if (silent > 0) yield { kind: 'gap', span: { channel, startFrame, frames: silent }, why: 'SILENT' };
  const late = frames - silent;
  if (late > 0)
    yield { kind: 'gap', span: { channel, startFrame: startFrame + silent, frames: late }, why: 'LATE' };
}

function stereoOf(runs: readonly Run[], from: number, to: number): Uint8Array {
  const stereo = new Uint8Array((to - from) * BYTES_PER_FRAME);
  for (const one of runs) {
    const run = within(one, from, to);
    if (run === undefined) continue;
    let at = (run.start - from) * BYTES_PER_FRAME + run.channel * BYTES_PER_SAMPLE;
    for (let index = 0; index < run.samples.length; index += BYTES_PER_SAMPLE, at += BYTES_PER_FRAME) {
      stereo[at] = run.samples[index] ?? 0;
      stereo[at + 1] = run.samples[index + 1] ?? 0;
    }
  }
  return stereo;
}
