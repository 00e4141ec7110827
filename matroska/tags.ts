/** What Kinesis Video Streams says of a fragment in its tags (GetMedia API reference; archived media spells some otherwise). */
import type { StreamError } from './fragment.ts';

export const TAG = {
  fragmentNumber: 'AWS_KINESISVIDEO_FRAGMENT_NUMBER',
  serverTimestamp: 'AWS_KINESISVIDEO_SERVER_TIMESTAMP',
  producerTimestamp: 'AWS_KINESISVIDEO_PRODUCER_TIMESTAMP',
  archivedServerTimestamp: 'AWS_KINESISVIDEO_SERVER_SIDE_TIMESTAMP',
  archivedProducerTimestamp: 'AWS_KINESISVIDEO_PRODUCER_SIDE_TIMESTAMP',
  continuationToken: 'AWS_KINESISVIDEO_CONTINUATION_TOKEN',
  millisBehindNow: 'AWS_KINESISVIDEO_MILLIS_BEHIND_NOW',
  errorId: 'AWS_KINESISVIDEO_ERROR_ID',
  errorCode: 'AWS_KINESISVIDEO_ERROR_CODE',
  archivedErrorCode: 'AWS_KINESISVIDEO_EXCEPTION_ERROR_CODE',
} as const;

export type Tags = ReadonlyMap<string, string>;

/** The only place that says what a fragment number looks like: decimal digits, about 47 of them. */
const FRAGMENT_NUMBER = /^[0-9]{1,60}$/;

export function isFragmentNumber(text: string): boolean {
  return FRAGMENT_NUMBER.test(text);
}

export function fragmentNumberOf(tags: Tags): bigint | undefined {
  const text = tags.get(TAG.fragmentNumber);
  return text !== undefined && isFragmentNumber(text) ? BigInt(text) : undefined;
}

/** Epoch ms. */
export function serverTimestampOf(tags: Tags): number | undefined {
  return secondsToMs(tags.get(TAG.serverTimestamp) ?? tags.get(TAG.archivedServerTimestamp));
}

/** Epoch ms. */
export function producerTimestampOf(tags: Tags): number | undefined {
  return secondsToMs(tags.get(TAG.producerTimestamp) ?? tags.get(TAG.archivedProducerTimestamp));
}

export function millisBehindNowOf(tags: Tags): number | undefined {
  const text = tags.get(TAG.millisBehindNow);
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

/** A tag of this name stands in error reports only. */
export function tellsOfError(name: string): boolean {
  return name === TAG.errorId || name === TAG.errorCode || name === TAG.archivedErrorCode;
}

export function streamErrorOf(tags: Tags): StreamError | undefined {
  const id = tags.get(TAG.errorId) ?? tags.get(TAG.archivedErrorCode);
  const code = tags.get(TAG.errorCode);
  if (id === undefined && code === undefined) return undefined;
  return { id: id !== undefined && /^[0-9]{1,9}$/.test(id) ? Number(id) : 0, code: code ?? id ?? '' };
}

/** "sec.mmm" to ms. Whole ms come out exactly: up to 12 digits of seconds a double is off by less than 0.2 ms. */
function secondsToMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,12}(?:\.[0-9]{1,9})?$/.test(text)) return undefined;
  return Math.round(Number(text) * 1000);
}
