/**
 * What comes of a contact's next recording before the recorder knows of it is heard with the one before. Once it is known
 * where that one ended, it is taken back; and so is what those fragments told of the last ones that are the recording's.
 */
import type { NumberedFragment } from '../matroska/fragment.ts';
import type { Tape } from '../ports/tape/tape.ts';
import { FRAGMENTS_AHEAD } from '../recording/audio/clock-anchor.ts';
import type { Recording } from '../recording/identity.ts';
import { TapeReader } from './tape-reader.ts';
import { type LiveFormat, type LiveState, LiveTimeline } from './timeline/live-timeline.ts';
import type { LiveOutput } from './timeline/outputs.ts';

/** While audio flows a recorder looks every 30 s for a next recording, and a fragment lasts for about a second. */
const STATES_MAX = 64;

export interface OverheardOptions {
  readonly tape: Tape;
  readonly recording: Recording;
  readonly windowMs: number;
}

/** The recording without what was overheard. */
export interface Corrected {
  readonly timeline: LiveTimeline;
  /** Of what was heard: the recording by itself may have no audio. */
  readonly formatBefore?: LiveFormat | undefined;
  readonly outputs: Iterable<LiveOutput> | AsyncIterable<LiveOutput>;
}

export class Overheard {
  readonly #options: OverheardOptions;
  /** Behind each of the last fragments, the oldest first. */
  readonly #states: LiveState[] = [];

  constructor(options: OverheardOptions) {
    this.#options = options;
  }

  /** Where a timeline has come to, behind a fragment. */
  note(state: LiveState): void {
    this.#states.push(state);
    if (this.#states.length > STATES_MAX) this.#states.shift();
  }

  /**
   * @param overheard the timeline that took too much, or goes on where one did that whoever listens has heard
   * @param endBefore the first number that isn't the recording's
   * @param takenBefore the last fragment that such an earlier one may have taken; undefined where there was none
   * @returns undefined where none of those was taken, or its positions aren't the recording's any more, since a hole at
   * the beginning has been filled
   * @throws when the tape can't be read now
   */
  async correct(
    overheard: LiveTimeline,
    endBefore: bigint,
    takenBefore?: bigint,
  ): Promise<Corrected | undefined> {
    const { taken: takenNow, given } = overheard.state;
    const taken = later(takenNow, takenBefore);
    if (taken === undefined || taken < endBefore) return undefined;
    if (given === 0) return this.#anew(endBefore);
    const { tape, recording, windowMs } = this.#options;
    // Without one that is old enough, of a listener begun anew, all of the tape is read.
    const from = this.#states.findLast((state) => state.taken !== undefined && state.taken < endBefore);
    const timeline = new LiveTimeline(from, windowMs);
    const others: NumberedFragment[] = [];
    let last: bigint | undefined;
    for await (const fragment of new TapeReader(tape, recording, { after: from?.settled }).upTo(taken)) {
      last = fragment.number;
      if (last >= endBefore) others.push(fragment);
      else Array.from(timeline.add(fragment));
      // No more of them tell anything of one that is the recording's.
      if (others.length === FRAGMENTS_AHEAD) break;
    }
    timeline.close();
    if (timeline.format?.originMs !== overheard.format?.originMs) return undefined;
    const areAllKnown = others.length === FRAGMENTS_AHEAD || last === taken;
    const outputs = timeline.correctFor(given, areAllKnown ? others : undefined);
    return { timeline, formatBefore: timeline.formatWith(others), outputs };
  }

  /** Nothing was given yet: what was taken had no audio, and what is the recording's, all of it, the archive had. */
  #anew(endBefore: bigint): Corrected {
    const { tape, recording, windowMs } = this.#options;
    const timeline = new LiveTimeline(undefined, windowMs);
    async function* outputs(): AsyncGenerator<LiveOutput> {
      for await (const fragment of new TapeReader(tape, recording).upTo(endBefore - 1n))
        yield* timeline.add(fragment);
    }
    return { timeline, outputs: outputs() };
  }
}

/** The higher of two numbers, of which either may be missing. */
export function later(one: bigint | undefined, other: bigint | undefined): bigint | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}
