/** A list of losses that stays short: fragments lost one after the other for one reason are one loss. */
import type { Loss, LossKind } from './call-record.ts';

/** A record with more would not fit its item. */
const LOSSES_MAX = 200;

export class LossList {
  readonly #losses: Loss[] = [];
  #more = 0;
  #running = false;

  add(loss: Loss): void {
    if (this.#losses.length < LOSSES_MAX) this.#losses.push(loss);
    else this.#more += 1;
  }

  /** A fragment was fine: what is lost after it is another loss. */
  endRun(): void {
    this.#running = false;
  }

  /** Adds a fragment, or lengthens the run that it goes on. Fragments come in order. */
  addFragment(kind: LossKind, number: bigint, reason: string): void {
    const last = this.#losses.at(-1);
    const text = number.toString();
    const goesOn = this.#running && last?.kind === kind && last.why === reason;
    this.#running = true;
    if (goesOn) {
      this.#losses[this.#losses.length - 1] = { ...last, lastFragmentNumber: text };
    } else {
      this.add({ kind, why: reason, firstFragmentNumber: text, lastFragmentNumber: text });
    }
  }

  /** Gives at most 200; where there are more, the last one says how many. */
  all(): Loss[] {
    const last = this.#losses.at(-1);
    if (this.#more === 0 || !last) return [...this.#losses];
    return [
      ...this.#losses.slice(0, -1),
      { ...last, why: `${last.why} (and ${this.#more} more losses like these)` },
    ];
  }
}
