/** Some work side by side, its results in order. */

interface Job<T> {
  /** Undefined once it has been begun. */
  work: (() => Promise<T>) | undefined;
  /** Undefined until it is there. */
  result: { readonly value: T } | undefined;
}

export class InOrder<T> {
  readonly #sideBySide: number;
  readonly #onMoved: () => void;
  readonly #jobs: Job<T>[] = [];
  #working = 0;
  #joined = 0;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param sideBySide how many are under way at once
   * @param onMoved told whenever one more is done, or has failed
   */
  constructor(sideBySide: number, onMoved: () => void) {
    this.#sideBySide = sideBySide;
    this.#onMoved = onMoved;
  }

  /** Waiting, under way, or done and not yet taken. */
  get size(): number {
    return this.#jobs.length;
  }

  /** How many are under way. */
  get running(): number {
    return this.#working + this.#joined;
  }

  /** What the first that failed threw. Nothing is begun after it. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Begins the work, at once or when it is its turn. */
  add(work: () => Promise<T>): void {
    this.#jobs.push({ work, result: undefined });
    this.#begin();
  }

  /** Something that is under way already, beside all others: its result has its place in their order. */
  join(running: Promise<T>): void {
    const job = { work: undefined, result: undefined };
    this.#jobs.push(job);
    this.#joined += 1;
    void this.#finish(job, running).finally(() => {
      this.#joined -= 1;
      this.#onMoved();
    });
  }

  /** Off the list: the results up to the first that isn't there. */
  takeDone(): T[] {
    const undone = this.#jobs.findIndex(({ result }) => result === undefined);
    const done = this.#jobs.splice(0, undone < 0 ? this.#jobs.length : undone);
    return done.flatMap(({ result }) => (result ? [result.value] : []));
  }

  #begin(): void {
    while (this.#working < this.#sideBySide && !this.#failure) {
      const job = this.#jobs.find(({ work }) => work !== undefined);
      const work = job?.work;
      if (!job || !work) return;
      job.work = undefined;
      this.#working += 1;
      void this.#finish(job, work()).finally(() => {
        this.#working -= 1;
        this.#begin();
        this.#onMoved();
      });
    }
  }

  async #finish(job: Job<T>, running: Promise<T>): Promise<void> {
    try {
      job.result = { value: await running };
    } catch (error) {
      this.#failure ??= { error };
    }
  }
}
