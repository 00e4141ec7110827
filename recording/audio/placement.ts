/** Finds where the blocks of one fragment belong: by their times, by its own, and by the fragments that follow it. */
import type { Block, NumberedFragment } from '../../matroska/fragment.ts';
import { agreedTime, beginOfTrack, firstTime } from './block-claims.ts';
import type { Channels } from './block-order.ts';
import { type ClockAnchor, type OwnStamps, WAVERING_MS } from './clock-anchor.ts';
import { type Channel, channelsOf } from './pcm.ts';
import type { TrackLine } from './track-line.ts';

export interface Placed {
  /** The fragment's own time, by the producer's clock. */
  readonly stamps: OwnStamps;
  readonly following: readonly NumberedFragment[];
  /** The blocks in the order in which they are placed; not empty. */
  readonly blocks: readonly Block[];
  readonly channels: Channels;
  readonly sampleRate: number;
  /** When its audio ends, by the producer's clock. */
  readonly endMs: number;
}

const CHANNELS = [0, 1] as const;
/** Customer, agent. */
type Lines = readonly [TrackLine, TrackLine];
/** Connect's fragments last a second; where nothing follows one, a pause within it is not taken to be longer than this. */
const FRAGMENT_MS_MAX = 10_000;

export class Placement {
  readonly #placed: Placed;
  readonly #clock: ClockAnchor;
  #offsetMs = 0;

  constructor(placed: Placed, clock: ClockAnchor) {
    this.#placed = placed;
    this.#clock = clock;
  }

  /**
   * Asks the clock. @param lines how far the tracks have come. @param originMs of frame 0; undefined before it is known.
   * @returns what has to be added to the fragment's times
   */
  anchor(lines: Lines, originMs: number | undefined): number {
    const { stamps, following, endMs } = this.#placed;
    const goesOnAt = (offsetMs: number) => this.#goesOnAt(lines, offsetMs - (originMs ?? 0));
    this.#offsetMs = this.#clock.offsetFor(stamps, following, endMs, goesOnAt);
    return this.#offsetMs;
  }

  /** When the earliest of its tracks begins, by the corrected clock. */
  earliestMs(): number {
    const { blocks, channels } = this.#placed;
    const times = CHANNELS.flatMap((channel) => {
      const index = blocks.findIndex(({ trackNumber }) => channels.get(trackNumber) === channel);
      return index < 0 ? [] : [this.firstMs(index, channel)];
    });
    return Math.min(...times);
  }

  /** When a track's first block begins, by the corrected clock. */
  firstMs(index: number, channel: Channel): number {
    const { blocks, channels, sampleRate, stamps } = this.#placed;
    const timeMs = firstTime(blocks, index, channels, channel, sampleRate, stamps.clusterMs) + this.#offsetMs;
    return this.#isPossible(timeMs, channel) ? timeMs : this.#clock.beginMs;
  }

  /**
   * When a block begins that would leave a gap, by the corrected clock; undefined where its time can't be right.
   * @param wasStray the block before was as far off, and could not be right
   */
  gapEndMs(index: number, channel: Channel, wasStray: boolean): number | undefined {
    const { blocks, channels, sampleRate } = this.#placed;
    const timeMs = agreedTime(blocks, index, channels, channel, sampleRate) + this.#offsetMs;
    return this.#isPossible(timeMs, channel, wasStray) ? timeMs : undefined;
  }

  /** What a fragment holds is over when the next one begins, and when its track's next part does. */
  #isPossible(timeMs: number, channel: Channel, wasStray = false): boolean {
    if (this.#clock.isAhead) return false;
    let untilMs = Infinity;
    for (const fragment of this.#placed.following) {
      const beginMs = this.#clock.beginOf(fragment);
      if (beginMs === undefined) continue;
      untilMs = Math.min(untilMs, beginMs, this.#beginOf(fragment, channel) + this.#offsetMs);
    }
    if (untilMs < Infinity) return timeMs < untilMs;
    return !wasStray && timeMs < this.#clock.beginMs + FRAGMENT_MS_MAX;
  }

  #beginOf(fragment: NumberedFragment, channel: Channel): number {
    const channels = channelsOf(fragment);
    return beginOfTrack(fragment.blocks, channels, channel, this.#placed.sampleRate) ?? Infinity;
  }

  /** The one that goes on most closely; by the producer's clock. @param shiftMs from that to the time since frame 0 */
  #goesOnAt(lines: Lines, shiftMs: number): number | undefined {
    const { blocks, channels, sampleRate } = this.#placed;
    let closestMs = WAVERING_MS;
    let atMs: number | undefined;
    for (const channel of CHANNELS) {
      const end = lines[channel].end;
      const beginMs = beginOfTrack(blocks, channels, channel, sampleRate);
      if (end === undefined || beginMs === undefined) continue;
      const offMs = Math.abs(beginMs + shiftMs - (end * 1000) / sampleRate);
      if (offMs > closestMs) continue;
      closestMs = offMs;
      atMs = beginMs;
    }
    return atMs;
  }
}
