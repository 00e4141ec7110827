import { RecordingError } from '../../recording/errors.ts';
import { parseTapeKey } from '../../recording/tape/keys.ts';
import type { TapeObject } from './tape.ts';

/** The tape object with this key, or undefined when the key isn't one of a tape object right beneath `prefix`. */
export function tapeObjectAt(prefix: string, key: string, bytes: number): TapeObject | undefined {
  const name = key.slice(prefix.length);
  if (!key.startsWith(prefix) || name.includes('/')) return undefined;
  try {
    return { ...parseTapeKey(name), key, bytes };
  } catch (error) {
    if (error instanceof RecordingError) return undefined;
    throw error;
  }
}
