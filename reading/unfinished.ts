/**
 * A fragment that came without its trailing tags, so that nothing in the bytes proves it whole. Pure.
 *
 * It is read again. It counts once two readings, ended cleanly or quiet for the grace period, gave the same blocks
 * (and the contact is disconnected). If it can't be read again, the best reading is kept, and that is declared.
 */
import type { NumberedFragment } from '../matroska/fragment.ts';
import { sameBlocks } from '../recording/tape/better-copy.ts';

const SAME_READINGS_NEEDED = 2;

export interface Unfinished {
  /** The best reading so far. */
  readonly best: NumberedFragment;
  readonly sameReadings: number;
  /** The session that read it last had passed over something malformed before it. */
  readonly isBehindMalformed: boolean;
}

/** A reading of it, and in what session. */
export interface LastReading {
  readonly fragment: NumberedFragment;
  readonly ending: Ending;
  readonly isBehindMalformed: boolean;
}

/** How a session came to its end: cleanly or quiet for the grace period; or it was left, or broke off. */
export type Ending = 'settled' | 'unsettled';

/** @param before undefined: this is its first reading */
export function readAgain(
  before: Unfinished | undefined,
  { fragment: reading, ending, isBehindMalformed }: LastReading,
): Unfinished {
  const { best, sameReadings } = before ?? { best: reading, sameReadings: 0 };
  const isSame = sameBlocks(best, reading);
  const isBetter = isBetterReading(reading, best);
  const same = isSame ? sameReadings : 0;
  return {
    best: isBetter ? reading : best,
    sameReadings: ending === 'settled' && (isSame || isBetter) ? same + 1 : same,
    isBehindMalformed,
  };
}

export function isConfirmed({ sameReadings }: Unfinished): boolean {
  return sameReadings >= SAME_READINGS_NEEDED;
}

/** The better reading has more blocks; or as many, and is whole where the other broke off in what follows them. */
function isBetterReading(a: NumberedFragment, b: NumberedFragment): boolean {
  if (a.blocks.length !== b.blocks.length) return a.blocks.length > b.blocks.length;
  return b.wholeness === 'torn' && a.wholeness !== 'torn';
}
