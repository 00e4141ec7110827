/**
 * A stream as one unbroken sequence of whole fragments: sessions end after 45 minutes, and whenever a connection does;
 * each next one goes on behind the last fragment, by its continuation token. Nothing is read that isn't asked for.
 */
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type { NumberedFragment } from '../../matroska/fragment.ts';
import { KINESIS_WAITS } from '../../ports/media/kinesis-client.ts';
import { KinesisMedia } from '../../ports/media/kinesis-media.ts';
import { type Media, MediaError, type StartSelector } from '../../ports/media/media.ts';
import { streamArnOf, type StreamPlace } from '../../ports/media/stream-arn.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { type Said, StreamReader } from '../../reading/driver.ts';
import { beginReading, beginReadingAt, type Reading } from '../../reading/reading.ts';
import { partsOfStreamArn } from '../../recording/arn.ts';
import { StreamError } from './errors.ts';
import {
  checkOptions,
  fragmentNumberFrom,
  type Lost,
  noSuchStream,
  type StreamEnd,
  type StreamOptions,
} from './options.ts';
import { firstError, lastingError } from './refusals.ts';

export type StreamEvent =
  | {
      readonly kind: 'fragment';
      readonly fragment: NumberedFragment;
      readonly isWhole: boolean;
      readonly behindMs: number;
    }
  | ({ readonly kind: 'lost' } & Lost)
  /** Nothing has come for so long. Said again and again. */
  | { readonly kind: 'quiet'; readonly forMs: number };

/** How long silence must last to mean something, and how often it is told. */
const GRACE_MS = 10_000;
const TICK_MS = 250;
/** Kinesis Video Streams' API is of 2017-09-30. */
const SERVICE_BEGAN_MS = Date.UTC(2017, 8, 30);
const DAY_MS = 86_400_000;

/** @throws TypeError for options that can't be, StreamError for what no retry mends */
export async function* readStream(options: StreamOptions): AsyncGenerator<StreamEvent, StreamEnd> {
  checkOptions(options);
  const stopping = new AbortController();
  const stop = () => {
    stopping.abort();
  };
  if (options.signal?.aborted === true) return 'stopped';
  options.signal?.addEventListener('abort', stop, { once: true });
  const reading = readingOf(options, systemClock.now());
  let reader: StreamReader | undefined;
  try {
    const media = new Openings(await mediaOf(options));
    reader = new StreamReader(reading, {
      media,
      clock: systemClock,
      telemetry: {
        ...silentTelemetry,
        warn: (message, fields) => options.onWarning?.(message, fields ?? {}),
      },
      graceMs: GRACE_MS,
      tickMs: TICK_MS,
      signal: stopping.signal,
    });
    return yield* events(reader, media, options.endWhenQuietMs ?? Infinity);
  } finally {
    options.signal?.removeEventListener('abort', stop);
    stop();
    reader?.close();
  }
}

async function* events(
  reader: StreamReader,
  media: Openings,
  endWhenQuietMs: number,
): AsyncGenerator<StreamEvent, StreamEnd> {
  for (let said = await reader.next(); said; said = await reader.next()) {
    media.throwIfRefused(said);
    yield eventOf(said);
    if (said.kind !== 'quiet' || said.forMs < endWhenQuietMs) continue;
    for (const rest of reader.rest()) yield eventOf(rest);
    return 'quiet';
  }
  return 'stopped';
}

function eventOf(said: Said): StreamEvent {
  switch (said.kind) {
    case 'fragment': {
      const { fragment, keptAs, behindMs } = said;
      return { kind: 'fragment', fragment, isWhole: keptAs === 'whole', behindMs };
    }
    case 'hole': {
      const { after, before, malformed } = said.hole;
      const why = malformed ?? 'the stream doesn’t hold them (any more)';
      return { kind: 'lost', after, before, why };
    }
    case 'lost': {
      const { number, after, why } = said;
      return number === undefined
        ? { kind: 'lost', after, before: undefined, why }
        : { kind: 'lost', after: number - 1n, before: number + 1n, why };
    }
    case 'quiet':
      return { kind: 'quiet', forMs: said.forMs };
  }
}

/** Remembers how the last session was refused: what no retry mends is thrown, soon where none was ever opened. */
class Openings implements Media {
  readonly #media: Media;
  #wasOpened = false;
  #refusal: MediaError | undefined;

  constructor(media: Media) {
    this.#media = media;
  }

  async open(start: StartSelector, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    try {
      const body = await this.#media.open(start, signal);
      this.#wasOpened = true;
      this.#refusal = undefined;
      return body;
    } catch (error) {
      if (error instanceof MediaError) this.#refusal = error;
      throw error;
    }
  }

  /** @throws StreamError */
  throwIfRefused(said: Said): void {
    const first = this.#wasOpened ? undefined : this.#refusal && firstError(this.#refusal);
    if (first) throw first;
    const standing = said.kind === 'quiet' ? said.refusal : undefined;
    if (standing) throw this.#lasting(standing.reason, standing.why);
  }

  #lasting(reason: string, why: string): StreamError {
    const known = this.#refusal && lastingError(this.#refusal);
    if (known) return known;
    const kind = reason === 'NO_SUCH_STREAM' ? 'noSuchStream' : 'accessDenied';
    return new StreamError(reason === 'KEY_UNAVAILABLE' ? 'keyUnavailable' : kind, why);
  }
}

function readingOf(options: StreamOptions, nowMs: number): Reading {
  const { from = 'now', startFragmentNumber, startedAt, after } = options;
  if (startFragmentNumber !== undefined) {
    const start = fragmentNumberFrom(startFragmentNumber);
    const startedAtMs = startedAt?.getTime() ?? timeIn(start, nowMs);
    return startedAtMs === undefined
      ? beginReadingAt({ kind: 'earliest' }, nowMs, start)
      : beginReading({ startFragmentNumber: start }, startedAtMs, undefined);
  }
  if (after !== undefined) {
    const position = typeof after === 'object' ? after : { fragmentNumber: after };
    const lastFragmentNumber = fragmentNumberFrom(position.fragmentNumber);
    const { continuationToken, serverTimestampMs: lastServerTimestamp } =
      typeof after === 'object' ? after : {};
    return beginReading({ startFragmentNumber: lastFragmentNumber }, lastServerTimestamp ?? nowMs, {
      lastFragmentNumber,
      ...(continuationToken !== undefined && { continuationToken }),
      ...(lastServerTimestamp !== undefined && { lastServerTimestamp }),
    });
  }
  if (from === 'now' || from === 'earliest') return beginReadingAt({ kind: from }, nowMs);
  return beginReadingAt({ kind: 'serverTimestamp', atMs: from.getTime() }, nowMs);
}

/**
 * In every fragment number that was seen the server's time stands 28 bits from its end. That is nowhere documented, and
 * nothing but where to look first: what comes is judged by its number.
 * @returns epoch ms; undefined where it can't be one
 */
function timeIn(number: bigint, nowMs: number): number | undefined {
  const ms = Number(BigInt.asUintN(64, number >> 28n));
  return ms > SERVICE_BEGAN_MS && ms < nowMs + DAY_MS ? ms : undefined;
}

/** @throws StreamError where there is no such stream, or it may not be asked for */
async function mediaOf({ streamArn, streamName = '', client }: StreamOptions): Promise<Media> {
  const region = client?.region ?? partsOfStreamArn(streamArn ?? '')?.region;
  const place: StreamPlace = {
    ...(region !== undefined && { region }),
    ...(client?.credentials !== undefined && { credentials: client.credentials }),
    ...(client?.endpoint !== undefined && { endpoint: client.endpoint }),
  };
  const arn = streamArn ?? (await arnOf(streamName, place));
  return new KinesisMedia({ ...KINESIS_WAITS, streamArn: arn, client: place });
}

async function arnOf(name: string, place: StreamPlace): Promise<string> {
  const client = new KinesisVideoClient(place);
  try {
    const arn = await streamArnOf(client, name);
    if (arn !== undefined) return arn;
  } catch (error) {
    throw (error instanceof MediaError ? firstError(error) : undefined) ?? error;
  } finally {
    client.destroy();
  }
  throw noSuchStream(name);
}
