/** Which stream, from where on, and until when. */
import type { KinesisVideoClientConfig } from '@aws-sdk/client-kinesis-video';
import { partsOfStreamArn } from '../../recording/arn.ts';
import { StreamError } from './errors.ts';
import type { StreamPosition } from './fragment.ts';

/** Region, credentials and endpoint, where they aren't to come in the SDK's standard way. */
export interface ClientOptions {
  /** Default: that of the stream's ARN. */
  readonly region?: string;
  readonly credentials?: NonNullable<KinesisVideoClientConfig['credentials']>;
  /** Of Kinesis Video Streams' control plane. */
  readonly endpoint?: string;
}

export interface StreamOptions {
  /** Give this, or `streamName`. */
  readonly streamArn?: string;
  readonly streamName?: string;
  /**
   * Where to begin: with the fragment that is coming now, the oldest that there is, or the one that contains a time (by the
   * server's clock). Default: now. Later sessions go on behind the last fragment by themselves.
   */
  readonly from?: 'now' | 'earliest' | Date;
  /** Instead of `from`: this fragment is the first, such as Connect's `StartFragmentNumber`. */
  readonly startFragmentNumber?: string | bigint;
  /**
   * With `startFragmentNumber`: about when that came, such as Connect's `StartTimestamp`. Without it the fragment is
   * looked for where its number suggests, and otherwise from the oldest on, which takes long where the stream keeps much.
   */
  readonly startedAt?: Date;
  /** Instead of `from`: begins behind what an earlier reading had come to ({@link StreamPosition}), or a fragment number. */
  readonly after?: StreamPosition | string | bigint;
  /** Ends when the stream has had nothing for so long. Default: never; with `contactId`, 10 minutes. */
  readonly endWhenQuietMs?: number;
  /** Ends it at once. */
  readonly signal?: AbortSignal;
  readonly client?: ClientOptions;
  /** What came to pass and is dealt with: a session that broke off, a request that is tried again. */
  readonly onWarning?: (message: string, details: Readonly<Record<string, unknown>>) => void;
  /** Fragments that the stream had and that can't be read, or that it has forgotten before they were read. */
  readonly onLost?: (lost: Lost) => void | Promise<void>;
}

/** `quiet`: nothing has come for as long as was asked for. `stopped`: the signal came. */
export type StreamEnd = 'quiet' | 'stopped';

/** Fragments between two (exclusive), as far as they are known. */
export interface Lost {
  readonly after: bigint | undefined;
  readonly before: bigint | undefined;
  readonly why: string;
}

/** @throws TypeError that says what can't go together */
export function checkOptions(options: StreamOptions): void {
  const { streamArn, streamName, from, startFragmentNumber, startedAt, after, endWhenQuietMs } = options;
  if ((streamArn === undefined) === (streamName === undefined))
    throw new TypeError('give streamArn or streamName');
  if (streamArn !== undefined && partsOfStreamArn(streamArn) === undefined)
    throw new TypeError('streamArn is no ARN of a Kinesis video stream; a name goes into streamName');
  if (streamName === '') throw new TypeError('streamName is empty');
  const begins = [from, startFragmentNumber, after].filter((given) => given !== undefined);
  if (begins.length > 1) throw new TypeError('give one of from, startFragmentNumber and after');
  if (startedAt !== undefined && startFragmentNumber === undefined)
    throw new TypeError('startedAt goes with startFragmentNumber');
  if (!isBegin(from)) throw new TypeError('from is now, earliest or a valid Date');
  if (startedAt !== undefined && Number.isNaN(startedAt.getTime()))
    throw new TypeError('startedAt is no valid Date');
  checkNumber('endWhenQuietMs', endWhenQuietMs, { min: 0, max: Infinity });
}

/** Whoever writes JavaScript may give anything. */
function isBegin(from: unknown): boolean {
  if (from instanceof Date) return !Number.isNaN(from.getTime());
  return from === undefined || from === 'now' || from === 'earliest';
}

/** @param given undefined is fine. @throws TypeError where it is something else than a number within its bounds */
export function checkNumber(
  name: string,
  given: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (given === undefined || (typeof given === 'number' && given >= min && given <= max)) return;
  throw new TypeError(`${name} is a number from ${min} to ${max}`);
}

/** @throws TypeError where it is none */
export function fragmentNumberFrom(given: string | bigint): bigint {
  if (typeof given === 'bigint' ? given >= 0n : /^[0-9]{1,60}$/.test(given)) return BigInt(given);
  throw new TypeError('a fragment number is up to 60 decimal digits');
}

export function noSuchStream(name: string): StreamError {
  return new StreamError('noSuchStream', `there is no Kinesis video stream called ${name} in this region`);
}
