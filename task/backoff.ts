/** How long to wait before the next try: doubling, within bounds. A stream without retention forgets after 5 minutes. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #tries = 0;

  constructor(firstMs: number, mostMs: number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  /** Tries since the last {@link reset}. */
  get tries(): number {
    return this.#tries;
  }

  nextMs(): number {
    const waitMs = Math.min(this.#mostMs, this.#firstMs * 2 ** Math.min(this.#tries, 30));
    this.#tries += 1;
    return waitMs;
  }

  reset(): void {
    this.#tries = 0;
  }
}
