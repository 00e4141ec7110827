/**
 * Kinesis Video Streams' fragment numbers: unique and increasing within a stream, decimal, about 47 digits
 * (GetMedia, API reference). They are compared as numbers, never as floating point.
 */
import { isFragmentNumber } from '../matroska/tags.ts';
import { RecordingError } from './errors.ts';

/** Digits in a key, so that a listing is in order of number. */
const PADDED_DIGITS = 60;

/** @throws RecordingError unless the text is 1 to 60 decimal digits. */
export function parseFragmentNumber(text: string): bigint {
  if (!isFragmentNumber(text)) throw new RecordingError('a fragment number is 1 to 60 decimal digits');
  return BigInt(text);
}

/** The number as it stands in tape keys: 60 digits. */
export function padFragmentNumber(number: bigint): string {
  return number.toString().padStart(PADDED_DIGITS, '0');
}

export function compareFragmentNumbers(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The server's time in the number, epoch ms. Every number that was ever decoded is
 * `2^156 + (sequence << 92) + (ms << 28) + 28 random bits`, which is documented nowhere: good where nothing better is known,
 * and never the only ground for what is kept. Undefined of a number that isn't made like that.
 */
export function serverTimestampIn(number: bigint): number | undefined {
  if (number >> 156n !== 1n) return undefined;
  const ms = (number >> 28n) & ((1n << 64n) - 1n);
  return ms <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(ms) : undefined;
}
