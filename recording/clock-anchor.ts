/**
 * Guards the timeline against a producer's clock that jumps. Only where the producer's step from one fragment to
 * the next doesn't fit the fragment's own length *and* differs from the server's step are all tracks anchored anew,
 * by the server's step: one absurd timecode neither eats nor invents an hour, and a slow upload changes nothing.
 */

/** Producer's and server's clocks differ, and uploads waver, by seconds. */
export const CLOCK_JUMP_MS = 5_000;

interface Seen {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly serverMs: number | undefined;
}

export class ClockAnchor {
  #offsetMs = 0;
  #reanchored = 0;
  #previous: Seen | undefined;

  /** How many times the clock was anchored anew. */
  get reanchored(): number {
    return this.#reanchored;
  }

  /**
   * What has to be added to a fragment's times. Fragments are asked for in order, each once.
   * @param startMs the fragment's earliest block, by the producer's clock
   * @param serverMs the fragment's server timestamp; without it nothing can be told
   */
  offsetFor(startMs: number, lengthMs: number, serverMs: number | undefined): number {
    const previous = this.#previous;
    this.#previous = { startMs, lengthMs, serverMs };
    if (!previous) return this.#offsetMs;
    const step = startMs - previous.startMs;
    if (Math.abs(step - previous.lengthMs) <= CLOCK_JUMP_MS) return this.#offsetMs;
    if (serverMs === undefined || previous.serverMs === undefined) return this.#offsetMs;
    const serverStep = serverMs - previous.serverMs;
    if (Math.abs(step - serverStep) <= CLOCK_JUMP_MS) return this.#offsetMs;
    this.#offsetMs += serverStep - step;
    this.#reanchored += 1;
    return this.#offsetMs;
  }
}
