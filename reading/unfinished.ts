/**
 * A fragment that came without its trailing tags, so that nothing in the bytes proves it whole. Pure.
 *
 * It is read again. It counts once two readings, ended cleanly or quiet for the grace period, gave the same blocks
 * (and the contact is disconnected). If it can't be read again, the best reading is kept, and that is declared. Two that
 * broke off at different places of an element are not the same: the stream has more of it than the one of them told.
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
  const isSame = sameBlocks(best, reading) && best.tornBytes === reading.tornBytes;
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

/** The better reading has more blocks; or as many, and is whole, or broke off later, in what follows them. */
function isBetterReading(a: NumberedFragment, b: NumberedFragment): boolean {
  if (a.blocks.length !== b.blocks.length) return a.blocks.length > b.blocks.length;
  if (b.wholeness !== 'torn') return false;
  return a.wholeness !== 'torn' || a.tornBytes > b.tornBytes;
}
