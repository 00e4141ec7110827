/** The keys of a recording's tape in S3; its files' are in recording/audio/files/keys.ts. No other place knows the layout. */
import { RecordingError } from '../errors.ts';
import { padFragmentNumber, parseFragmentNumber } from '../fragment-number.ts';
import type { Recording } from '../identity.ts';

export const TAPE_PREFIX = 'tape/';

/** The name of a tape object: a run of whole fragments, `first` to `last`. */
export interface TapeObjectName {
  readonly first: bigint;
  readonly last: bigint;
  /** Tells copies apart, since nothing on the tape is ever overwritten; and damage from what was stored (seal.ts). */
  readonly uuid: string;
}

const TAPE_OBJECT = /^([0-9]{60})-([0-9]{60})-([0-9a-fA-F-]{1,36})\.mkv$/;

export function tapePrefix(recording: Recording): string {
  return `${TAPE_PREFIX}${recording.contactId}/${recording.startFragmentNumber.toString()}/`;
}

export function tapeKey(recording: Recording, { first, last, uuid }: TapeObjectName): string {
  return `${tapePrefix(recording)}${padFragmentNumber(first)}-${padFragmentNumber(last)}-${uuid}.mkv`;
}

/** All keys of objects that begin with this fragment number or a later one come behind it, and no others. */
export function tapeKeyBefore(recording: Recording, from: bigint): string {
  return `${tapePrefix(recording)}${padFragmentNumber(from)}`;
}

/** @throws RecordingError when the key doesn't name a tape object. */
export function parseTapeKey(key: string): TapeObjectName {
  const [, first, last, uuid] = TAPE_OBJECT.exec(key.slice(key.lastIndexOf('/') + 1)) ?? [];
  if (first === undefined || last === undefined || uuid === undefined) {
    throw new RecordingError('a tape object is named <first>-<last>-<uuid>.mkv', key);
  }
  return { first: parseFragmentNumber(first), last: parseFragmentNumber(last), uuid };
}
