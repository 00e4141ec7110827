/** Pieces of work that mustn't mix: each begins when the one before it is over, however that ended. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** @throws what the work throws; the next one is begun all the same */
  take(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
