/**
 * Decides where each sample of a recording belongs: the rules, without the audio. The WAV's timeline asks
 * it, and so does the live one.
 *
 * Frame 0 is the earliest block of the first fragment that has one. Each track has a cursor. A block whose time
 * lies more than {@link JITTER_MS} after it leaves a gap: silence of that length, noted. Any other block follows on
 * at the cursor: received audio is never trimmed, and jitter never clicks. So does a block whose time can't be right
 * ({@link Placement}): it moves nothing but itself. What can't be told of a fragment by itself is told by the few that
 * follow it.
 */
import type { Block, NumberedFragment } from '../../matroska/fragment.ts';
import { TRACKS } from '../call-record.ts';
import { LONGEST_CALL_SECONDS } from '../longest-call.ts';
import { arePlain, audioMsOf, FAR_MS, inOrder, JITTER_MS, REACH_MS, STRAY_MS } from './block-order.ts';
import { ClockAnchor, type ClockState } from './clock-anchor.ts';
import { BYTES_PER_SAMPLE, type Channel, channelsOf, DEFAULT_SAMPLE_RATE, pcmFormatOf } from './pcm.ts';
import { Placement } from './placement.ts';
import { Placements } from './placements.ts';
import type { PlacingNotes } from './placing-notes.ts';
import { type LineState, TrackLine } from './track-line.ts';

/** A block further behind the furthest track goes to that edge, so that all behind it is settled. */
export const WINDOW_SECONDS = 60;
/** No recording is longer: the longest call that can be allowed, and two hours. */
const SECONDS_MAX = LONGEST_CALL_SECONDS + 7_200;

/** All that placing what follows takes: a few numbers, whatever the call is like. */
export interface PlacerState {
  readonly sampleRate: number | undefined;
  /** Epoch ms of frame 0, by the clock that {@link ClockAnchor} keeps. */
  readonly originMs: number | undefined;
  /** One past the last frame that a sample stands on. */
  readonly furthest: number;
  /** Customer, agent. */
  readonly lines: readonly [LineState, LineState];
  readonly clock: ClockState;
}

export class Placer {
  readonly #notes: PlacingNotes;
  readonly #lines: readonly [TrackLine, TrackLine];
  readonly #clock: ClockAnchor;
  readonly #placements = new Placements();
  #sampleRate: number | undefined;
  #originMs: number | undefined;
  #furthest: number;

  /** @param state where another one had come to */
  constructor(notes: PlacingNotes, state?: PlacerState) {
    this.#notes = notes;
    this.#lines = [new TrackLine(state?.lines[0]), new TrackLine(state?.lines[1])];
    this.#clock = new ClockAnchor(state?.clock);
    this.#sampleRate = state?.sampleRate;
    this.#originMs = state?.originMs;
    this.#furthest = state?.furthest ?? 0;
  }

  get state(): PlacerState {
    const [left, right] = this.#lines;
    return {
      sampleRate: this.#sampleRate,
      originMs: this.#originMs,
      furthest: this.#furthest,
      lines: [left.state, right.state],
      clock: this.#clock.state,
    };
  }

  get sampleRate(): number | undefined {
    return this.#sampleRate;
  }

  /** Epoch ms of frame 0; undefined while nothing is placed. */
  get originMs(): number | undefined {
    return this.#originMs;
  }

  /** One past the last frame that a sample stands on. */
  get furthest(): number {
    return this.#furthest;
  }

  /** Customer, agent. */
  get lines(): readonly [Readonly<TrackLine>, Readonly<TrackLine>] {
    return this.#lines;
  }

  /** How many times the clock was anchored anew. */
  get reanchored(): number {
    return this.#clock.reanchored;
  }

  /**
   * Takes the next fragment. @param fragment numbered above the one before
   * @param following those behind it, as far as they are known
   * @param sampleRate the recording's, as far as it is known
   * @returns what of it is placed where, in the order in which it is placed; valid until the next one is taken
   */
  place(
    fragment: NumberedFragment,
    following: readonly NumberedFragment[],
    sampleRate: number | undefined,
  ): Placements {
    this.#placements.clear();
    this.#sampleRate ??= sampleRate;
    const usable = this.#usableRate(fragment);
    if (usable !== undefined) this.#place(fragment, following, usable);
    this.#notes.done(fragment.number);
    return this.#placements;
  }

  /** Nothing follows. */
  finish(): void {
    for (const line of this.#lines) this.#dropHalf(line);
  }

  #place(fragment: NumberedFragment, following: readonly NumberedFragment[], sampleRate: number): void {
    const channels = channelsOf(fragment);
    const blocks = this.#usableBlocks(fragment, channels, sampleRate);
    const placement = this.#placementOf(fragment, following, blocks, channels, sampleRate);
    if (placement === undefined) return;
    this.#sampleRate ??= sampleRate;
    this.#notes.placed();
    const lines = this.#lines;
    const offsetMs = placement.anchor(lines, this.#originMs);
    const originMs = (this.#originMs ??= placement.earliestMs());
    const jitterFrames = (JITTER_MS * sampleRate) / 1000;
    let index = -1;
    for (const block of blocks) {
      index += 1;
      const channel = channels.get(block.trackNumber);
      if (channel === undefined) continue;
      const line = lines[channel];
      const wanted = Math.round(((block.timeMs + offsetMs - originMs) * sampleRate) / 1000);
      let start = line.end;
      if (start !== undefined && wanted <= start + jitterFrames && wanted >= start - jitterFrames)
        line.noteLag(0);
      else start = this.#startOff(placement, index, channel, wanted, sampleRate);
      start = this.#withinWindow(start, sampleRate);
      const samples = this.#wholeSamples(fragment, line, start, block.audio);
      const end = start + samples.length / BYTES_PER_SAMPLE;
      if (!this.#isWithinLongest(fragment, end, sampleRate)) continue;
      const from = line.gapFrom ?? line.end ?? 0;
      line.end = end;
      // A byte alone is no sample yet, but what follows on joins it there.
      line.gapFrom = samples.length === 0 ? from : undefined;
      if (samples.length === 0) continue;
      if (start > from) this.#noteGap(channel, from, start, sampleRate);
      if (end > this.#furthest) this.#furthest = end;
      this.#placements.add(block, channel, start, samples);
    }
    for (const line of lines) line.endFragment();
  }

  #placementOf(
    fragment: NumberedFragment,
    following: readonly NumberedFragment[],
    blocks: readonly Block[],
    channels: ReadonlyMap<number, Channel>,
    sampleRate: number,
  ): Placement | undefined {
    const first = blocks[0];
    if (!first) return undefined;
    const clusterMs = fragment.clusterMs ?? first.timeMs;
    const stamps = { clusterMs, serverTimestampMs: fragment.serverTimestampMs };
    const endMs = endOf(blocks, sampleRate);
    return new Placement({ stamps, following, blocks, channels, sampleRate, endMs }, this.#clock);
  }

  /** Finds where a block begins that doesn't simply go on where the one before ends. */
  #startOff(
    placement: Placement,
    index: number,
    channel: Channel,
    wanted: number,
    sampleRate: number,
  ): number {
    const line = this.#lines[channel];
    const { end, lag } = line;
    if (end !== undefined && wanted <= end) {
      if (end - wanted - Math.max(0, lag) > (FAR_MS * sampleRate) / 1000) this.#notes.stray();
      line.noteLag(end - wanted);
      return end;
    }
    const wasAsEarly = lag < 0 && Math.abs((end ?? 0) - wanted - lag) <= (STRAY_MS * sampleRate) / 1000;
    const beginMs =
      end === undefined ? placement.firstMs(index, channel) : placement.gapEndMs(index, channel, wasAsEarly);
    const jitterFrames = (JITTER_MS * sampleRate) / 1000;
    const told = Math.max(
      0,
      Math.round((((beginMs ?? -Infinity) - (this.#originMs ?? 0)) * sampleRate) / 1000),
    );
    const isGap = end === undefined || (told > end + jitterFrames && told < SECONDS_MAX * sampleRate);
    const start = isGap ? told : end;
    if (Math.abs(wanted - start) > jitterFrames) this.#notes.stray();
    line.noteLag(start - wanted);
    return start;
  }

  #withinWindow(start: number, sampleRate: number): number {
    const edge = Math.max(0, this.#furthest - sampleRate * WINDOW_SECONDS);
    if (start >= edge) return start;
    this.#notes.late();
    return edge;
  }

  /**
   * The half of a sample joins the track's next block, in the same fragment whatever the times of both say: dropped, it
   * would make noise of all that comes behind it. In another fragment it joins what follows on; elsewhere it is a declared loss.
   */
  #wholeSamples(fragment: NumberedFragment, line: TrackLine, start: number, audio: Uint8Array): Uint8Array {
    if (line.half === undefined && audio.length % BYTES_PER_SAMPLE === 0) return audio;
    if (start !== line.end && line.half?.fragmentNumber !== fragment.number) this.#dropHalf(line);
    return line.joined(audio, fragment.number);
  }

  #dropHalf(line: TrackLine): void {
    if (line.half === undefined) return;
    this.#notes.lost(line.half.fragmentNumber, 'a block ends in the middle of a sample');
    line.half = undefined;
  }

  #isWithinLongest(fragment: NumberedFragment, end: number, sampleRate: number): boolean {
    if (end <= SECONDS_MAX * sampleRate) return true;
    this.#notes.lost(fragment.number, `it lies beyond ${SECONDS_MAX / 3_600} hours, which no call lasts`);
    return false;
  }

  #noteGap(channel: Channel, from: number, to: number, sampleRate: number): void {
    this.#notes.gap({
      track: TRACKS[channel],
      startMs: roundMs((from * 1000) / sampleRate),
      lengthMs: roundMs(((to - from) * 1000) / sampleRate),
    });
  }

  /** The fragment's rate if it is this recording's; otherwise its audio is a declared loss. */
  #usableRate(fragment: NumberedFragment): number | undefined {
    const format = pcmFormatOf(fragment);
    const expected = this.#sampleRate;
    // A fragment that broke off may lack its tags: then it is as the others.
    if (format === undefined) return expected ?? DEFAULT_SAMPLE_RATE;
    if ('sampleRate' in format && (expected ?? format.sampleRate) === format.sampleRate)
      return format.sampleRate;
    const reason =
      'unusable' in format
        ? format.unusable
        : `its sample rate is ${format.sampleRate} where the call’s is ${String(expected)}`;
    this.#notes.lost(fragment.number, reason);
    return undefined;
  }

  #usableBlocks(
    fragment: NumberedFragment,
    channels: ReadonlyMap<number, Channel>,
    sampleRate: number,
  ): readonly Block[] {
    const ownMs = fragment.clusterMs ?? 0;
    if (arePlain(fragment.blocks, channels, ownMs)) return fragment.blocks;
    const usable = fragment.blocks.filter(({ trackNumber, timeMs, audio }) => {
      const reason = !channels.has(trackNumber)
        ? 'it has a track that is neither the customer’s nor the agent’s'
        : timeMs - ownMs > REACH_MS
          ? 'it has a block whose time is further behind its own than any can be'
          : undefined;
      if (reason !== undefined) this.#notes.lost(fragment.number, reason);
      return reason === undefined && audio.length > 0;
    });
    const shiftMs = (this.#originMs ?? 0) - this.#clock.offsetMs;
    const expectedMs = ({ end }: TrackLine) =>
      end === undefined ? ownMs : (end * 1000) / sampleRate + shiftMs;
    const [left, right] = this.#lines;
    return inOrder(usable, channels, sampleRate, [expectedMs(left), expectedMs(right)]);
  }
}

/** When the last block ends, of the track that ends later. */
function endOf(blocks: readonly Block[], sampleRate: number): number {
  let endMs = -Infinity;
  let trackNumber: number | undefined;
  for (let at = blocks.length - 1; at >= 0; at -= 1) {
    const block = blocks[at];
    if (block === undefined || block.trackNumber === trackNumber) continue;
    endMs = Math.max(endMs, block.timeMs + audioMsOf(block, sampleRate));
    if (trackNumber !== undefined) break;
    trackNumber = block.trackNumber;
  }
  return endMs;
}

/** Rounds to the microsecond, so that a length at 8 kHz is exact and no noise of floating point is stored. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
