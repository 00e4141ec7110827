/**
 * Kinesis Video Streams' fragment numbers: unique and increasing within a stream, decimal, about 47 digits
 * (GetMedia, API reference). They are compared as numbers, never as floating point.
 */
import { RecordingError } from './errors.ts';

const FRAGMENT_NUMBER = /^[0-9]{1,60}$/;
/** Digits in a key, so that a listing is in order of number. */
const PADDED_DIGITS = 60;

/** @throws RecordingError unless the text is 1 to 60 decimal digits. */
export function parseFragmentNumber(text: string): bigint {
  if (!FRAGMENT_NUMBER.test(text)) throw new RecordingError('a fragment number is 1 to 60 decimal digits');
  return BigInt(text);
}

/** The number as it stands in tape keys: 60 digits. */
export function padFragmentNumber(number: bigint): string {
  return number.toString().padStart(PADDED_DIGITS, '0');
}

export function compareFragmentNumbers(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
