/** The keys of a recording's objects in S3. No other place knows the layout. */
import { RecordingError } from '../errors.ts';
import { padFragmentNumber, parseFragmentNumber } from '../fragment-number.ts';
import type { FileFormat } from '../audio/format/format.ts';
import { WAV } from '../audio/format/wav/wav.ts';
import { type Recording } from '../identity.ts';

export const TAPE_PREFIX = 'tape/';
export const RECORDINGS_PREFIX = 'recordings/';

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

/** @throws RecordingError when the key doesn't name a tape object. */
export function parseTapeKey(key: string): TapeObjectName {
  const [, first, last, uuid] = TAPE_OBJECT.exec(key.slice(key.lastIndexOf('/') + 1)) ?? [];
  if (first === undefined || last === undefined || uuid === undefined) {
    throw new RecordingError('a tape object is named <first>-<last>-<uuid>.mkv', key);
  }
  return { first: parseFragmentNumber(first), last: parseFragmentNumber(last), uuid };
}

/** `recordings/<yyyy>/<mm>/<dd>/<contactId>/<startFragmentNumber>`, by the UTC date of Connect's StartTimestamp. */
function recordingStem(recording: Recording, startedAt: Date): string {
  const date = utcDay(startedAt).replaceAll('-', '/');
  return `${RECORDINGS_PREFIX}${date}/${recording.contactId}/${recording.startFragmentNumber.toString()}`;
}

/** The recording as a file of that format. */
export function fileKey(recording: Recording, startedAt: Date, { extension }: FileFormat): string {
  return `${recordingStem(recording, startedAt)}.${extension}`;
}

/** The WAV is the truth: what else there is of the recording is made of the same samples. */
export function wavKey(recording: Recording, startedAt: Date): string {
  return fileKey(recording, startedAt, WAV);
}

/** What every key of the recording's files and of its record begins with, and no other recording's. */
export function filesPrefix(recording: Recording, startedAt: Date): string {
  return `${recordingStem(recording, startedAt)}.`;
}

/** The call record with the full list of gaps, beside the WAV. */
export function recordKey(recording: Recording, startedAt: Date): string {
  return `${recordingStem(recording, startedAt)}.json`;
}

/** `yyyy-mm-dd`, UTC: the `day` that calls are indexed by. */
export function utcDay(time: Date): string {
  return time.toISOString().slice(0, 10);
}
