import {
  GetMediaForFragmentListCommand,
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
} from '@aws-sdk/client-kinesis-video-archived-media';
import { bodyOf } from '../media/kinesis-body.ts';
import { KinesisControl, type KinesisOptions, type StreamFacts } from '../media/kinesis-client.ts';
import { type ListedFragment, type MediaArchive, MediaError, type MediaErrorKind } from '../media/media.ts';
import { isInvalidArgument, mediaErrorOf } from '../media/media-error.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { archivedBody } from './archived-body.ts';

export interface KinesisArchiveOptions extends KinesisOptions {
  readonly clock?: Clock;
}

const FRAGMENTS_MAX = 1_000;
/** Twelve days of fragments of a second: more than five calls a second give in time, and what is held of them in memory. */
const PAGES_MAX = 1_000;
/** Five calls a second are allowed for a stream, and the SDK doesn't try again when there are more. */
const ATTEMPTS_MAX = 5;
const FIRST_WAIT_MS = 250;
/** No further attempt at a request that has been tried for so long: a service that is silent would take minutes. */
const ATTEMPTS_MS_MAX = 45_000;
/** At five calls a second, a week of fragments of a second. */
const LIST_MS_MAX = 120_000;
const MS_PER_HOUR = 3_600_000;

/** Archived media of a Kinesis video stream. Tries again by itself where that can help. */
export class KinesisArchive implements MediaArchive {
  readonly #control: KinesisControl;
  readonly #streamArn: string;
  readonly #clock: Clock;

  constructor(options: KinesisArchiveOptions) {
    this.#control = new KinesisControl(options);
    this.#streamArn = options.streamArn;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * An empty list is not taken at its word: without retention there is no archive, and a span that begins before
   * the stream or its retention does has been answered with nothing at all.
   */
  async list(fromMs: number, toMs: number): Promise<ListedFragment[]> {
    const listed = await this.#list(fromMs, toMs);
    if (listed.length > 0) return listed;
    const facts = await this.#retrying(() => this.#control.describeStream()).catch(() => undefined);
    if (!facts) return listed;
    const firstMs = this.#firstMs(facts);
    return firstMs > fromMs && firstMs <= toMs ? this.#list(firstMs, toMs) : listed;
  }

  async fetch(numbers: readonly bigint[]): Promise<AsyncIterable<Uint8Array>> {
    if (numbers.length < 1 || numbers.length > FRAGMENTS_MAX) {
      throw new RangeError(`1 to ${FRAGMENTS_MAX} fragments are fetched at once, not ${numbers.length}`);
    }
    const first = await this.#retrying(() => this.#open(numbers));
    let opened = false;
    return archivedBody(numbers, (rest) => {
      if (opened) return this.#retrying(() => this.#open(rest));
      opened = true;
      return Promise.resolve(first);
    });
  }

  /** The earliest time that can be listed. @throws MediaError `noRetention` */
  #firstMs({ retentionHours, createdAtMs = 0 }: StreamFacts): number {
    if (retentionHours === 0)
      throw new MediaError('noRetention', 'the stream keeps no archive (retention is 0)');
    if (retentionHours === undefined) return createdAtMs;
    return Math.max(createdAtMs, this.#clock.now() - retentionHours * MS_PER_HOUR);
  }

  async #list(fromMs: number, toMs: number): Promise<ListedFragment[]> {
    const beganMs = this.#clock.now();
    const config = await this.#retrying(() => this.#control.dataClientConfig('LIST_FRAGMENTS'));
    const client = new KinesisVideoArchivedMediaClient(config);
    try {
      const listed: ListedFragment[] = [];
      let token: string | undefined;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const answer = await this.#retrying(() => this.#page(client, fromMs, toMs, token));
        for (const { FragmentNumber, ServerTimestamp } of answer.Fragments ?? []) {
          if (FragmentNumber === undefined) continue;
          listed.push({ number: BigInt(FragmentNumber), serverTimestampMs: ServerTimestamp?.getTime() });
        }
        token = answer.NextToken;
        if (token === undefined) return listed;
        if (this.#clock.now() - beganMs > LIST_MS_MAX)
          throw new MediaError('unavailable', `ListFragments was not done after ${LIST_MS_MAX / 1000} s`);
      }
      throw new MediaError('unavailable', `ListFragments gave more than ${PAGES_MAX} pages`);
    } finally {
      client.destroy();
    }
  }

  async #page(
    client: KinesisVideoArchivedMediaClient,
    fromMs: number,
    toMs: number,
    token: string | undefined,
  ) {
    const command = new ListFragmentsCommand({
      StreamARN: this.#streamArn,
      MaxResults: FRAGMENTS_MAX,
      FragmentSelector: {
        FragmentSelectorType: 'SERVER_TIMESTAMP',
        TimestampRange: { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(toMs) },
      },
      NextToken: token,
    });
    try {
      return await client.send(command);
    } catch (error) {
      throw mediaErrorOf(error, 'ListFragments', retentionKind(error));
    }
  }

  async #open(numbers: readonly bigint[]): Promise<AsyncIterable<Uint8Array>> {
    const config = await this.#control.dataClientConfig('GET_MEDIA_FOR_FRAGMENT_LIST');
    const client = new KinesisVideoArchivedMediaClient(config);
    const command = new GetMediaForFragmentListCommand({
      StreamARN: this.#streamArn,
      Fragments: numbers.map(String),
    });
    try {
      const { Payload } = await client.send(command);
      return bodyOf(Payload, 'GetMediaForFragmentList', client);
    } catch (error) {
      client.destroy();
      // It names a fragment that the stream doesn't have: asking for fewer at a time helps, asking again doesn't.
      const kind = retentionKind(error) ?? (isInvalidArgument(error) ? 'positionUnknown' : undefined);
      throw mediaErrorOf(error, 'GetMediaForFragmentList', kind);
    }
  }

  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    const beganMs = this.#clock.now();
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        const mayHelp = error instanceof MediaError && error.kind === 'unavailable';
        const isLate = this.#clock.now() - beganMs > ATTEMPTS_MS_MAX;
        if (!mayHelp || isLate || tries >= ATTEMPTS_MAX) throw error;
        await this.#clock.sleep(FIRST_WAIT_MS * 2 ** (tries - 1));
      }
    }
  }
}

/** A stream without an archive answers that the time asked for is "outside of the stream retention period". */
function retentionKind(error: unknown): MediaErrorKind | undefined {
  return isInvalidArgument(error) && /retention/i.test(error.message) ? 'noRetention' : undefined;
}
