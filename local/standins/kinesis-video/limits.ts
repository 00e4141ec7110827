import { KinesisVideoError } from './errors.ts';

/** Calls a second, counted per key over the second that has just passed. */
export class RateLimit {
  readonly #now: () => number;
  readonly #perSecond: number;
  readonly #recent = new Map<string, number[]>();

  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** @throws KinesisVideoError ClientLimitExceededException */
  take(key: string): void {
    const nowMs = this.#now();
    const recent = (this.#recent.get(key) ?? []).filter((timeMs) => timeMs > nowMs - 1000);
    this.#recent.set(key, recent);
    if (recent.length >= this.#perSecond) {
      throw new KinesisVideoError(
        'ClientLimitExceededException',
        `Rate exceeded: ${key}, ${this.#perSecond} calls a second`,
      );
    }
    recent.push(nowMs);
  }
}

/** Connections open at the same time, counted per key. */
export class ConnectionLimit {
  readonly #most: number;
  readonly #open = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** All that are open. */
  get open(): number {
    return [...this.#open.values()].reduce((sum, open) => sum + open, 0);
  }

  /** @returns what gives the connection back, to be called once. @throws KinesisVideoError ConnectionLimitExceededException */
  take(key: string): () => void {
    const open = this.#open.get(key) ?? 0;
    if (open >= this.#most) {
      throw new KinesisVideoError(
        'ConnectionLimitExceededException',
        `${this.#most} connections are open already`,
      );
    }
    this.#open.set(key, open + 1);
    return () => {
      this.#open.set(key, (this.#open.get(key) ?? 1) - 1);
    };
  }
}
