/** How far a recogniser is behind what is said, by the least that it ever was: clocks of a call and of this host differ. */
export class Lag {
  readonly #mostMs: number;
  #leastMs = Infinity;

  /** @param mostMs what is said is left out where it would be heard so much later */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /**
   * @param sinceSaidMs from when it was said to now, by two clocks
   * @param unheardMs of what was given before it
   */
  isBehind(sinceSaidMs: number, unheardMs: number): boolean {
    this.#leastMs = Math.min(this.#leastMs, sinceSaidMs);
    return sinceSaidMs - this.#leastMs + unheardMs > this.#mostMs;
  }
}
