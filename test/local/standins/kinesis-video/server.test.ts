/** The stand-in, as the SDK's own clients see it. What readers rely on beyond this is in the ports' conformance suites. */
import { Readable } from 'node:stream';
import {
  type APIName,
  DescribeStreamCommand,
  GetDataEndpointCommand,
  KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import {
  GetMediaForFragmentListCommand,
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
  type ListFragmentsCommandInput,
} from '@aws-sdk/client-kinesis-video-archived-media';
import {
  GetMediaCommand,
  KinesisVideoMediaClient,
  type StartSelector,
} from '@aws-sdk/client-kinesis-video-media';
import { afterEach, describe, expect, it } from 'vitest';
import { RateLimit } from '../../../../local/standins/kinesis-video/limits.ts';
import {
  type KinesisVideoOptions,
  type KinesisVideoStandin,
  startKinesisVideo,
} from '../../../../local/standins/kinesis-video/server.ts';
import {
  type StoredFragment,
  Stream,
  type StreamOptions,
} from '../../../../local/standins/kinesis-video/stream.ts';
import { STREAM_ARN } from '../../../support/call.ts';
import { call, difference, documentsOf, STREAM_NAME, tinyFragments } from '../../../support/kinesis.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { readBody } from '../../../support/read-body.ts';
import { CREDENTIALS, REGION } from '../../../support/standins.ts';

const FRAGMENTS = call(5.5);

let standin: KinesisVideoStandin | undefined;
const clients: { destroy(): void }[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await standin?.close();
  standin = undefined;
});

function newStream(options: Partial<StreamOptions> = {}, fragments: readonly StoredFragment[] = FRAGMENTS) {
  const stream = new Stream({ name: STREAM_NAME, arn: STREAM_ARN, retentionHours: 24, ...options });
  for (const fragment of fragments) stream.put(fragment);
  return stream;
}

async function start(stream: Stream, options: Partial<KinesisVideoOptions> = {}) {
  standin = await startKinesisVideo({ streams: [stream], idleMs: 0, callsPerSecond: Infinity, ...options });
  return standin;
}

function config(endpoint: string) {
  return { endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 };
}

function control(url: string): KinesisVideoClient {
  const client = new KinesisVideoClient(config(url));
  clients.push(client);
  return client;
}

/** The data plane answers at the stand-in's own URL too. */
function media(url: string): KinesisVideoMediaClient {
  const client = new KinesisVideoMediaClient(config(url));
  clients.push(client);
  return client;
}

function archive(url: string): KinesisVideoArchivedMediaClient {
  const client = new KinesisVideoArchivedMediaClient(config(url));
  clients.push(client);
  return client;
}

async function getMedia(url: string, selector: StartSelector): Promise<Uint8Array> {
  const command = new GetMediaCommand({ StreamARN: STREAM_ARN, StartSelector: selector });
  const { Payload, ContentType } = await media(url).send(command);
  expect(ContentType).toBe('video/webm');
  return (await Payload?.transformToByteArray()) ?? new Uint8Array(0);
}

describe('the control plane', () => {
  it('describes a stream, by name or by ARN', async () => {
    const { url } = await start(newStream({ retentionHours: 7 }));
    for (const reference of [{ StreamName: STREAM_NAME }, { StreamARN: STREAM_ARN }]) {
      const { StreamInfo } = await control(url).send(new DescribeStreamCommand(reference));
      expect(StreamInfo).toMatchObject({
        StreamName: STREAM_NAME,
        StreamARN: STREAM_ARN,
        Status: 'ACTIVE',
        DataRetentionInHours: 7,
      });
      expect(StreamInfo?.CreationTime).toBeInstanceOf(Date);
    }
  });

  it('gives an endpoint where only the operation that it was asked for answers', async () => {
    const { url } = await start(newStream());
    const command = (APIName: APIName) => new GetDataEndpointCommand({ StreamARN: STREAM_ARN, APIName });
    const { DataEndpoint: endpoint = '' } = await control(url).send(command('GET_MEDIA'));
    expect(
      difference(await getMedia(endpoint, { StartSelectorType: 'EARLIEST' }), documentsOf(FRAGMENTS)),
    ).toBe(undefined);
    const { DataEndpoint: other = '' } = await control(url).send(command('LIST_FRAGMENTS'));
    await expect(getMedia(other, { StartSelectorType: 'EARLIEST' })).rejects.toMatchObject({
      name: 'InvalidEndpointException',
    });
  });

  it('refuses in the form that the SDK knows', async () => {
    const { url } = await start(newStream());
    const client = control(url);
    await expect(client.send(new DescribeStreamCommand({ StreamName: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(client.send(new DescribeStreamCommand({}))).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message: 'Either StreamARN or StreamName must be given',
    });
  });
});

describe('GetMedia', () => {
  it.each([
    ['SERVER_TIMESTAMP', 'serverTimestampMs'],
    ['PRODUCER_TIMESTAMP', 'producerTimestampMs'],
  ] as const)('begins with the fragment that contains a time: %s', async (StartSelectorType, clock) => {
    const skewed = call(5.5, { clockSkewMs: 60_000 });
    const { url } = await start(newStream({}, skewed));
    const atMs = skewed[2]?.[clock] ?? 0;
    for (const [offsetMs, first] of [
      [-1, 1],
      [0, 2],
      [900, 2],
    ] as const) {
      const body = await getMedia(url, { StartSelectorType, StartTimestamp: new Date(atMs + offsetMs) });
      expect(difference(body, documentsOf(skewed.slice(first)))).toBeUndefined();
    }
  });

  it('begins with the latest fragment', async () => {
    const { url } = await start(newStream());
    const body = await getMedia(url, { StartSelectorType: 'NOW' });
    expect(difference(body, documentsOf(FRAGMENTS.slice(-1)))).toBeUndefined();
  });

  it.each([
    ['AfterFragmentNumber', { StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: 'seven' }],
    ['AfterFragmentNumber', { StartSelectorType: 'FRAGMENT_NUMBER' }],
    ['StartTimestamp', { StartSelectorType: 'SERVER_TIMESTAMP' }],
    ['ContinuationToken', { StartSelectorType: 'CONTINUATION_TOKEN' }],
  ] as const)('refuses a start selector without a proper %s: %o', async (member, selector) => {
    const { url } = await start(newStream());
    await expect(getMedia(url, selector)).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message: expect.stringContaining(`StartSelector.${member}`) as string,
    });
  });

  it('answers before there is anything to send', async () => {
    const stream = newStream({}, []);
    const { url } = await start(stream, { idleMs: 60_000 });
    const command = new GetMediaCommand({
      StreamARN: STREAM_ARN,
      StartSelector: { StartSelectorType: 'EARLIEST' },
    });
    const { Payload } = await media(url).send(command);
    expect(Payload).toBeDefined();
  });

  it('takes three connections of a stream, and gives one back when its session is over', async () => {
    const service = await start(newStream(), { idleMs: 60_000 });
    const controllers = Array.from({ length: 3 }, () => new AbortController());
    const command = new GetMediaCommand({
      StreamARN: STREAM_ARN,
      StartSelector: { StartSelectorType: 'EARLIEST' },
    });
    const open = (controller?: AbortController) =>
      media(service.url).send(command, controller && { abortSignal: controller.signal });
    for (const controller of controllers) {
      const { Payload } = await open(controller);
      if (Payload instanceof Readable) Payload.on('error', () => undefined);
    }
    await expect(open()).rejects.toMatchObject({ name: 'ConnectionLimitExceededException' });
    controllers[1]?.abort();
    await expect.poll(() => service.openSessions).toBe(2);
    await expect(open()).resolves.toBeDefined();
  });

  it.each([
    [{ cutEveryFragments: 2 }, documentsOf(FRAGMENTS.slice(0, 2))],
    [{ cutAtBytes: 40_000 }, documentsOf(FRAGMENTS).subarray(0, 40_000)],
  ])('cuts every session: %o', async (options, expected) => {
    const { url } = await start(newStream(), options);
    for (let session = 1; session <= 2; session += 1) {
      expect(difference(await getMedia(url, { StartSelectorType: 'EARLIEST' }), expected)).toBeUndefined();
    }
  });

  it('ends a session after its time, and one that is idle', async () => {
    for (const options of [{ sessionMs: 60, idleMs: 60_000 }, { idleMs: 60 }]) {
      const service = await start(newStream(), options);
      const body = await getMedia(service.url, { StartSelectorType: 'EARLIEST' });
      expect(difference(body, documentsOf(FRAGMENTS))).toBeUndefined();
      await service.close();
    }
  });

  it('ends every session when it is closed', async () => {
    const service = await start(newStream(), { idleMs: 60_000 });
    const reading = getMedia(service.url, { StartSelectorType: 'EARLIEST' }).catch((error: unknown) => error);
    await expect.poll(() => service.openSessions).toBe(1);
    await service.close();
    await expect(reading).resolves.toBeDefined();
    await expect(getMedia(service.url, { StartSelectorType: 'EARLIEST' })).rejects.toThrow(/ECONNREFUSED/);
  });

  it('serves a stream without retention for as long as its buffer holds', async () => {
    const clock = new ManualClock();
    const stream = newStream({ retentionHours: 0, clock }, []);
    const { url } = await start(stream);
    for (const fragment of FRAGMENTS.slice(0, 2)) stream.put(fragment);
    await clock.advance(5 * 60_000);
    for (const fragment of FRAGMENTS.slice(2)) stream.put(fragment);
    expect(stream.fragments).toHaveLength(FRAGMENTS.length);
    await clock.advance(1);
    const body = await getMedia(url, { StartSelectorType: 'EARLIEST' });
    expect(difference(body, documentsOf(FRAGMENTS.slice(2)))).toBeUndefined();
  });
});

describe('limits', () => {
  it('refuses calls beyond the rate, and counts them', async () => {
    const { url, requests } = await start(newStream(), { callsPerSecond: 0 });
    const command = new GetDataEndpointCommand({ StreamARN: STREAM_ARN, APIName: 'GET_MEDIA' });
    await expect(control(url).send(command)).rejects.toMatchObject({
      name: 'ClientLimitExceededException',
      $metadata: { httpStatusCode: 400 },
    });
    expect(requests).toMatchObject({ getDataEndpoint: 1, getMedia: 0 });
  });

  it('takes five calls a second of each key', async () => {
    const clock = new ManualClock();
    const rate = new RateLimit(5, () => clock.now());
    const taken = () => {
      try {
        rate.take('a');
        return true;
      } catch (error) {
        expect(error).toMatchObject({ name: 'ClientLimitExceededException' });
        return false;
      }
    };
    expect(Array.from({ length: 6 }, taken)).toEqual([true, true, true, true, true, false]);
    rate.take('b');
    await clock.advance(999);
    expect(taken()).toBe(false);
    await clock.advance(1);
    expect(Array.from({ length: 6 }, taken)).toEqual([true, true, true, true, true, false]);
  });
});

describe('archived media', () => {
  function selector(fromMs: number, toMs: number, type: 'SERVER_TIMESTAMP' | 'PRODUCER_TIMESTAMP') {
    const TimestampRange = { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(toMs) };
    return { FragmentSelectorType: type, TimestampRange };
  }

  async function listAll(url: string, input: Partial<ListFragmentsCommandInput>) {
    const pages: string[][] = [];
    let NextToken: string | undefined;
    do {
      const command = new ListFragmentsCommand({ StreamARN: STREAM_ARN, ...input, NextToken });
      const answer = await archive(url).send(command);
      pages.push((answer.Fragments ?? []).map(({ FragmentNumber }) => FragmentNumber ?? ''));
      ({ NextToken } = answer);
    } while (NextToken !== undefined);
    return pages;
  }

  it('lists page by page, in no order even across pages', async () => {
    const fragments = tinyFragments(250);
    const { url } = await start(newStream({}, fragments));
    const pages = await listAll(url, {});
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 50]);
    const listed = pages.flat();
    const numbers = fragments.map(({ number }) => number.toString());
    expect([...listed].sort()).toEqual([...numbers].sort());
    expect(pages.every((page) => page.join() !== [...page].sort().join())).toBe(true);
    expect((pages[0] ?? []).some((number) => number > (pages[1]?.[0] ?? ''))).toBe(true);
  });

  it('tells what it knows of a fragment', async () => {
    const [fragment] = FRAGMENTS;
    const { url } = await start(newStream({}, FRAGMENTS.slice(0, 1)));
    const { Fragments } = await archive(url).send(new ListFragmentsCommand({ StreamARN: STREAM_ARN }));
    expect(Fragments).toMatchObject([
      {
        FragmentNumber: fragment?.number.toString(),
        FragmentSizeInBytes: fragment?.document.length,
        ServerTimestamp: new Date(fragment?.serverTimestampMs ?? 0),
        ProducerTimestamp: new Date(fragment?.producerTimestampMs ?? 0),
      },
    ]);
  });

  it('lists by either clock', async () => {
    const fragments = tinyFragments(5);
    const { url } = await start(newStream({}, fragments));
    const [, second] = fragments;
    if (!second) throw new Error('too few fragments');
    for (const [type, ms] of [
      ['SERVER_TIMESTAMP', second.serverTimestampMs],
      ['PRODUCER_TIMESTAMP', second.producerTimestampMs],
    ] as const) {
      expect(await listAll(url, { FragmentSelector: selector(ms, ms, type) })).toEqual([
        [second.number.toString()],
      ]);
    }
  });

  it.each([0, 1001])('lists no pages of %i', async (MaxResults) => {
    const { url } = await start(newStream());
    const listed = archive(url).send(new ListFragmentsCommand({ StreamARN: STREAM_ARN, MaxResults }));
    await expect(listed).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  });

  it('lists nothing of a stream without retention', async () => {
    const { url } = await start(newStream({ retentionHours: 0 }));
    const command = new ListFragmentsCommand({
      StreamARN: STREAM_ARN,
      FragmentSelector: selector(0, 1_724_080_162_000, 'SERVER_TIMESTAMP'),
    });
    await expect(archive(url).send(command)).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message: 'End timestamp 1724080162000 is outside of the stream retention period.',
    });
  });

  it('spells the tags of archived media in its own way, and reports what is not there', async () => {
    const [fragment] = FRAGMENTS;
    const { url } = await start(newStream());
    const Fragments = [fragment?.number.toString() ?? '', '12345'];
    const command = new GetMediaForFragmentListCommand({ StreamARN: STREAM_ARN, Fragments });
    const { Payload } = await archive(url).send(command);
    const body = (await Payload?.transformToByteArray()) ?? new Uint8Array(0);
    const { fragments, error } = readBody(body);
    expect(error).toBeUndefined();
    expect([...(fragments[0]?.tags.keys() ?? [])].filter((name) => name.startsWith('AWS_'))).toEqual([
      'AWS_KINESISVIDEO_FRAGMENT_NUMBER',
      'AWS_KINESISVIDEO_SERVER_SIDE_TIMESTAMP',
      'AWS_KINESISVIDEO_PRODUCER_SIDE_TIMESTAMP',
    ]);
    expect(fragments[1]).toMatchObject({ number: 12345n, error: { id: 3000, code: 'FRAGMENT_NOT_FOUND' } });
    expect(fragments).toHaveLength(2);
  });
});
