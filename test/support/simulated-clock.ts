/**
 * Simulated time. Nothing waits: when all that can happen now has happened, the clock goes on to the next moment that
 * somebody sleeps until. What is due at the same moment happens in an order that the seed gives.
 */
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Random } from './random.ts';

interface Sleeper {
  readonly atMs: number;
  /** Among those of one moment: thrown by dice, then by age. */
  readonly lot: number;
  readonly age: number;
  readonly wake: () => void;
  awake: boolean;
}

export class SimulatedClock implements Clock {
  readonly #random: Random;
  readonly #sleepers: Sleeper[] = [];
  #nowMs: number;
  #age = 0;

  constructor(nowMs: number, random: Random) {
    this.#nowMs = nowMs;
    this.#random = random;
  }

  now(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#sleep(this.#random, ms, signal);
  }

  /** The same time, for those who mustn't change the order in which others wake: their lots are thrown aside. */
  aside(random: Random): Clock {
    return { now: () => this.#nowMs, sleep: (ms, signal) => this.#sleep(random, ms, signal) };
  }

  #sleep(random: Random, ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        if (sleeper.awake) return;
        sleeper.awake = true;
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const lot = random.integer(0, 0xffff);
      const atMs = this.#nowMs + Math.max(0, ms);
      const sleeper: Sleeper = { atMs, lot, age: (this.#age += 1), wake, awake: false };
      this.#push(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /**
   * Lets time pass until `isOver`, or `untilMs`.
   * @returns whether it is over; it isn't either when nobody sleeps any more, so that nothing can happen.
   */
  async run(isOver: () => boolean, untilMs: number): Promise<boolean> {
    for (;;) {
      await quiet();
      if (isOver()) return true;
      const next = this.#pop();
      if (!next || next.atMs > untilMs) return false;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#sleepers;
    let at = heap.push(sleeper) - 1;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(sleeper, heap[above]); above = (at - 1) >> 1) {
      swap(heap, at, above);
      at = above;
    }
  }

  #pop(): Sleeper | undefined {
    for (let first = this.#take(); first; first = this.#take()) if (!first.awake) return first;
    return undefined;
  }

  #take(): Sleeper | undefined {
    const heap = this.#sleepers;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const least = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!isBefore(heap[least], heap[at])) return first;
      swap(heap, at, least);
      at = least;
    }
  }
}

function isBefore(a: Sleeper | undefined, b: Sleeper | undefined): boolean {
  if (!a || !b) return false;
  return a.atMs - b.atMs < 0 || (a.atMs === b.atMs && (a.lot - b.lot || a.age - b.age) < 0);
}

function swap(heap: Sleeper[], a: number, b: number): void {
  const [left, right] = [heap[a], heap[b]];
  if (!left || !right) return;
  heap[a] = right;
  heap[b] = left;
}

/** All promises that could be settled have been: Node runs a tick only when no microtask is left. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
