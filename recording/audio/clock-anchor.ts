/**
 * Guards the timeline against a producer's clock that jumps. A fragment's own time is judged, never a block's, which
 * may be late or stray. Only where the step to it doesn't fit what went before, on any track, *and* the producer's
 * clock less the server's has changed for good, all tracks are anchored anew, so that the difference is what it was:
 * that is the server's step, freed of how uploads waver. A difference that passes is a slow upload and changes nothing;
 * or, where the producer's clock is ahead, which no upload can bring about, the fragment's times can't be right.
 */
import type { Fragment } from '../../matroska/fragment.ts';
import { lowerMedian } from './median.ts';

/** Producer's and server's clocks differ, and uploads waver, by less. */
const CLOCK_JUMP_MS = 2_000;
/** A fragment, or a track, that begins this close to where the one before ended goes on. */
export const WAVERING_MS = 500;
/** How many fragments that follow one tell whether a change is for good: most of them and itself have to agree. */
export const FRAGMENTS_AHEAD = 4;
/** How many before it tell what the difference was. */
const FRAGMENTS_BEFORE = 5;

/** What a fragment says of the two clocks, epoch ms. */
type Stamps = Pick<Fragment, 'clusterMs' | 'serverTimestampMs'>;
/** Of one that is placed. */
export type OwnStamps = Stamps & { readonly clusterMs: number };

/** What is known of the clock between two fragments. */
export interface ClockState {
  readonly offsetMs: number;
  readonly reanchored: number;
  readonly leads: readonly number[];
  readonly expectedMs: number | undefined;
  readonly biasMs: number;
}

export class ClockAnchor {
  #offsetMs: number;
  #reanchored: number;
  /** How far the producer's clock, corrected, was ahead of the server's in the fragments before, the oldest first. */
  readonly #leads: number[];
  /** When the next fragment should begin, by the corrected clock. */
  #expectedMs: number | undefined;
  #isAhead = false;
  #beginMs = 0;
  /** The other track's time less the Cluster's, where that is the time of a track which lags behind. */
  #biasMs: number;

  constructor(state?: ClockState) {
    this.#offsetMs = state?.offsetMs ?? 0;
    this.#reanchored = state?.reanchored ?? 0;
    this.#leads = [...(state?.leads ?? [])];
    this.#expectedMs = state?.expectedMs;
    this.#biasMs = state?.biasMs ?? 0;
  }

  get state(): ClockState {
    return {
      offsetMs: this.#offsetMs,
      reanchored: this.#reanchored,
      leads: [...this.#leads],
      expectedMs: this.#expectedMs,
      biasMs: this.#biasMs,
    };
  }

  /** What has to be added to the times of the fragment that was asked for last. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** How many times the clock was anchored anew. */
  get reanchored(): number {
    return this.#reanchored;
  }

  /** The fragment that was asked for last says that it is of a time which has not come yet: its times can't be right. */
  get isAhead(): boolean {
    return this.#isAhead;
  }

  /**
   * What has to be added to a fragment's times. Fragments are asked for in order, each once.
   * @param following the fragments behind it, as far as they are known
   * @param endMs when its audio ends
   * @param goesOnAt with an offset: when one of its tracks begins that goes on where it had come to; then the clock
   * hasn't jumped, whatever the fragment's own time says
   */
  offsetFor(
    fragment: OwnStamps,
    following: readonly Stamps[],
    endMs: number,
    goesOnAt: (offsetMs: number) => number | undefined,
  ): number {
    const { clusterMs } = fragment;
    const expectedMs = this.#expectedMs;
    this.#isAhead = false;
    const isJump = expectedMs !== undefined && this.#isJump(clusterMs, expectedMs, goesOnAt);
    if (isJump && !this.#anchor(fragment, following)) {
      this.#isAhead = this.#changeOf(fragment) > 0;
      this.#expectedMs = expectedMs + endMs - clusterMs;
      this.#beginMs = this.#isAhead ? expectedMs : this.#ownMs(clusterMs);
      return this.#offsetMs;
    }
    this.#beginMs = this.#ownMs(clusterMs);
    this.#expectedMs = endMs + this.#offsetMs;
    const leadMs = this.#leadOf(fragment);
    if (leadMs !== undefined) this.#remember(leadMs);
    return this.#offsetMs;
  }

  /** When the fragment that was asked for last begins, by the corrected clock; where its own time can't be right, what was expected. */
  get beginMs(): number {
    return this.#beginMs;
  }

  /** When a later fragment begins, by the clock as it is corrected now; undefined where it may well be later than that. */
  beginOf(fragment: Stamps): number | undefined {
    const { clusterMs } = fragment;
    if (clusterMs === undefined || this.#changeOf(fragment) < -CLOCK_JUMP_MS) return undefined;
    return this.#ownMs(clusterMs);
  }

  /** The step to it doesn't fit what went before, and no track goes on. */
  #isJump(
    clusterMs: number,
    expectedMs: number,
    goesOnAt: (offsetMs: number) => number | undefined,
  ): boolean {
    const offMs = Math.abs(this.#ownMs(clusterMs) - expectedMs);
    if (offMs <= WAVERING_MS) return false;
    const isPlain = Math.abs(clusterMs + this.#offsetMs - expectedMs) <= WAVERING_MS;
    const atMs = isPlain ? clusterMs : goesOnAt(this.#offsetMs);
    if (atMs === undefined) return offMs > CLOCK_JUMP_MS;
    this.#biasMs = atMs - clusterMs;
    return false;
  }

  #ownMs(clusterMs: number): number {
    return clusterMs + this.#biasMs + this.#offsetMs;
  }

  /** How far the corrected clock is ahead of the server's. */
  #leadOf({ clusterMs, serverTimestampMs }: Stamps): number | undefined {
    if (clusterMs === undefined || serverTimestampMs === undefined) return undefined;
    return this.#ownMs(clusterMs) - serverTimestampMs;
  }

  /** How much further than usual. */
  #changeOf(fragment: Stamps): number {
    const leadMs = this.#leadOf(fragment);
    const usualMs = lowerMedian(this.#leads);
    return leadMs === undefined || usualMs === undefined ? 0 : leadMs - usualMs;
  }

  /** @returns whether there is nothing to be done about the fragment's times any more: an anchor anew, or no need of it */
  #anchor(fragment: Stamps, following: readonly Stamps[]): boolean {
    const changeMs = this.#changeOf(fragment);
    if (Math.abs(changeMs) <= CLOCK_JUMP_MS) return true;
    const changes = [changeMs];
    for (const stamps of following.slice(0, FRAGMENTS_AHEAD))
      if (this.#leadOf(stamps) !== undefined) changes.push(this.#changeOf(stamps));
    const alike = changes.filter((other) => Math.abs(other - changeMs) <= CLOCK_JUMP_MS);
    if (alike.length < 2 || alike.length * 2 <= changes.length) return false;
    this.#offsetMs -= lowerMedian(alike) ?? 0;
    this.#reanchored += 1;
    return true;
  }

  #remember(leadMs: number): void {
    this.#leads.push(leadMs);
    if (this.#leads.length > FRAGMENTS_BEFORE) this.#leads.shift();
  }
}
