/**
 * A fragment that came without its trailing tags, so that nothing in the bytes proves it whole.
 *
 * It is read again. It counts once two readings, ended cleanly or quiet for the grace period, gave the same blocks
 * (and the contact is disconnected). If it can't be read again, the best reading is kept, and that is declared.
 */
import { sameBlocks } from '../recording/tape/copies.ts';
import type { NumberedFragment } from '../matroska/fragment.ts';

const SAME_READINGS_NEEDED = 2;

export class UnfinishedFragment {
  #best: NumberedFragment;
  #sameReadings = 0;

  constructor(fragment: NumberedFragment) {
    this.#best = fragment;
  }

  /** The best reading so far. */
  get fragment(): NumberedFragment {
    return this.#best;
  }

  /** Notes a reading. @param settled the body ended cleanly, or was quiet for the grace period */
  note(reading: NumberedFragment, settled: boolean): void {
    const isSame = sameBlocks(this.#best, reading);
    const isBetter = isBetterReading(reading, this.#best);
    if (isBetter) this.#best = reading;
    if (!isSame) this.#sameReadings = 0;
    if (settled && (isSame || isBetter)) this.#sameReadings += 1;
  }

  get confirmed(): boolean {
    return this.#sameReadings >= SAME_READINGS_NEEDED;
  }
}

/** With more blocks; or with as many, and whole where the other broke off in what follows them. */
function isBetterReading(a: NumberedFragment, b: NumberedFragment): boolean {
  if (a.blocks.length !== b.blocks.length) return a.blocks.length > b.blocks.length;
  return b.wholeness === 'torn' && a.wholeness !== 'torn';
}
