/** The keys of a recording's files in S3; its tape's are in recording/tape/keys.ts. No other place knows the layout. */
import type { Recording } from '../../identity.ts';
import type { FileFormat } from '../format/format.ts';
import { WAV } from '../format/wav/wav.ts';

export const RECORDINGS_PREFIX = 'recordings/';

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

export const TRANSCRIPT_FORMATS = ['json', 'vtt', 'txt'] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

/** What was said, beside the WAV: `….transcript.json`, `….transcript.vtt`, `….transcript.txt`. */
export function transcriptKey(recording: Recording, startedAt: Date, format: TranscriptFormat): string {
  return `${recordingStem(recording, startedAt)}.transcript.${format}`;
}

/** `yyyy-mm-dd`, UTC: the `day` that calls are indexed by. */
export function utcDay(time: Date): string {
  return time.toISOString().slice(0, 10);
}
