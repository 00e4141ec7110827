import { describe, expect, it } from 'vitest';
import {
  type Fault,
  type KinesisVideoOptions,
  startKinesisVideo,
} from '../../../local/standins/kinesis-video/server.ts';
import { Stream } from '../../../local/standins/kinesis-video/stream.ts';
import { KinesisMedia } from '../../../ports/media/kinesis-media.ts';
import type { StartSelector } from '../../../ports/media/media.ts';
import { MemoryMedia } from '../../../ports/media/memory-media.ts';
import { MemoryStream } from '../../../ports/media/memory-stream.ts';
import { STREAM_ARN } from '../../support/call.ts';
import { collect } from '../../support/collect.ts';
import { call, difference, documentsOf, join, kinesisOptions, STREAM_NAME } from '../../support/kinesis.ts';
import { describeMedia } from './media-conformance.ts';

const NEVER = new AbortController().signal;

function newStream() {
  return new Stream({ name: STREAM_NAME, arn: STREAM_ARN, retentionHours: 24 });
}

/** An adapter on a stand-in, for as long as `test` runs. */
async function withKinesis(
  options: Partial<KinesisVideoOptions> & { socketTimeoutMs?: number },
  test: (media: KinesisMedia, standin: Awaited<ReturnType<typeof startKinesisVideo>>) => Promise<void>,
): Promise<void> {
  const stream = newStream();
  for (const fragment of call(2)) stream.put(fragment);
  const standin = await startKinesisVideo({ streams: [stream], idleMs: 0, ...options });
  const { socketTimeoutMs = 5_000 } = options;
  try {
    await test(new KinesisMedia(kinesisOptions(standin.url, { socketTimeoutMs })), standin);
  } finally {
    await standin.close();
  }
}

describeMedia('KinesisMedia', async (plan) => {
  const stream = newStream();
  const standin = await startKinesisVideo({
    streams: [stream],
    faults: ({ operation, count }) => (operation === 'getMedia' ? plan(count) : undefined),
  });
  return {
    media: new KinesisMedia(kinesisOptions(standin.url)),
    put: (fragment) => {
      stream.put(fragment);
    },
    openSessions: () => standin.openSessions,
    close: () => standin.close(),
  };
});

describeMedia('MemoryMedia', (plan) => {
  const stream = new MemoryStream();
  const media = new MemoryMedia(stream, plan);
  return Promise.resolve({
    media,
    put: (fragment) => {
      stream.put(fragment);
    },
    openSessions: () => media.openBodies,
    close: () => Promise.resolve(),
  });
});

describe('KinesisMedia', () => {
  it('asks for an endpoint anew for every session', async () => {
    await withKinesis({}, async (media, { requests }) => {
      for (let session = 1; session <= 3; session += 1) {
        await collect(await media.open({ kind: 'earliest' }, NEVER));
        expect(requests.getDataEndpoint).toBe(session);
        expect(requests.getMedia).toBe(session);
      }
    });
  });

  it('opens its first session at the endpoint that it was told to ask for beforehand', async () => {
    await withKinesis({}, async (media, { requests }) => {
      media.prepare();
      await expect.poll(() => requests.getDataEndpoint).toBe(1);
      await collect(await media.open({ kind: 'earliest' }, NEVER));
      expect(requests).toMatchObject({ getDataEndpoint: 1, getMedia: 1 });
      await collect(await media.open({ kind: 'earliest' }, NEVER));
      expect(requests).toMatchObject({ getDataEndpoint: 2, getMedia: 2 });
    });
  });

  it('says of an endpoint that was refused beforehand so when the session is to be opened, and asks anew', async () => {
    const faults: KinesisVideoOptions['faults'] = ({ operation, count }) =>
      operation === 'getDataEndpoint' && count === 1 ? { refuse: 'ClientLimitExceededException' } : undefined;
    await withKinesis({ faults }, async (media, { requests }) => {
      media.prepare();
      await expect.poll(() => requests.getDataEndpoint).toBe(1);
      const opened = media.open({ kind: 'earliest' }, NEVER);
      await expect(opened).rejects.toMatchObject({ name: 'MediaError', kind: 'unavailable' });
      expect(await collect(await media.open({ kind: 'earliest' }, NEVER))).not.toHaveLength(0);
    });
  });

  it('keeps no connection of a session that is over', async () => {
    await withKinesis({}, async (media) => {
      await collect(await media.open({ kind: 'earliest' }, NEVER));
      const before = sockets();
      for (let session = 1; session <= 3; session += 1) {
        await collect(await media.open({ kind: 'earliest' }, NEVER));
      }
      await expect.poll(sockets).toBeLessThanOrEqual(before);
    });
  });

  it('ends a body that stalls, by the socket’s time-out', async () => {
    const faults = (): Fault => ({ afterFragments: 1, breakOff: 'stall' });
    await withKinesis({ faults, socketTimeoutMs: 200 }, async (media) => {
      const received: Uint8Array[] = [];
      const reading = (async () => {
        for await (const chunk of await media.open({ kind: 'earliest' }, NEVER)) received.push(chunk);
      })();
      await expect(reading).rejects.toMatchObject({ name: 'MediaError', kind: 'unavailable' });
      expect(difference(join(received), documentsOf(call(2).slice(0, 1)))).toBeUndefined();
    });
  });

  it('does not open a session when the signal is aborted already', async () => {
    await withKinesis({}, async (media, standin) => {
      const opened = media.open({ kind: 'earliest' }, AbortSignal.abort());
      await expect(opened).rejects.toMatchObject({ name: 'MediaError', kind: 'unavailable' });
      expect(standin.requests.getMedia).toBe(0);
    });
  });

  it('survives an abort of a body that nobody has begun to read', async () => {
    await withKinesis(
      { faults: () => ({ breakOff: 'stall', afterFragments: 0 }) },
      async (media, standin) => {
        const controller = new AbortController();
        await media.open({ kind: 'earliest' }, controller.signal);
        expect(standin.openSessions).toBe(1);
        controller.abort();
        await expect.poll(() => standin.openSessions).toBe(0);
      },
    );
  });

  it('takes a service that can’t be reached for one to be tried again', async () => {
    const media = new KinesisMedia(kinesisOptions('http://127.0.0.1:1'));
    const opened = media.open({ kind: 'earliest' }, NEVER);
    await expect(opened).rejects.toMatchObject({ name: 'MediaError', kind: 'unavailable' });
  });

  const AFTER: StartSelector = { kind: 'afterFragment', number: 7n };
  const TOKEN: StartSelector = { kind: 'continuationToken', token: '7' };
  const TIME: StartSelector = { kind: 'serverTimestamp', atMs: 1_700_000_000_000 };
  it.each([
    ['getDataEndpoint', 'ResourceNotFoundException', TIME, 'noSuchStream'],
    ['getMedia', 'ResourceNotFoundException', AFTER, 'noSuchStream'],
    ['getDataEndpoint', 'NotAuthorizedException', TIME, 'accessDenied'],
    ['getDataEndpoint', 'AccessDeniedException', TIME, 'accessDenied'],
    ['getMedia', 'NotAuthorizedException', TIME, 'accessDenied'],
    ['getMedia', 'AccessDeniedException', TIME, 'accessDenied'],
    ['getMedia', 'InvalidArgumentException', AFTER, 'positionUnknown'],
    ['getMedia', 'InvalidArgumentException', TOKEN, 'positionUnknown'],
    ['getMedia', 'InvalidArgumentException', TIME, 'unavailable'],
    ['getDataEndpoint', 'InvalidArgumentException', AFTER, 'unavailable'],
    ['getDataEndpoint', 'ClientLimitExceededException', TIME, 'unavailable'],
    ['getMedia', 'ClientLimitExceededException', AFTER, 'unavailable'],
    ['getMedia', 'ConnectionLimitExceededException', AFTER, 'unavailable'],
    ['getMedia', 'InvalidEndpointException', AFTER, 'unavailable'],
    ['getMedia', 'InternalFailure', AFTER, 'unavailable'],
    ['getMedia', 'ServiceUnavailable', AFTER, 'unavailable'],
  ] as const)('%s: %s → %o: %s', async (operation, refuse, start, kind) => {
    const faults: KinesisVideoOptions['faults'] = (asked) =>
      asked.operation === operation ? { refuse, message: 'as told' } : undefined;
    await withKinesis({ faults }, async (media) => {
      await expect(media.open(start, NEVER)).rejects.toMatchObject({
        name: 'MediaError',
        kind,
        message: expect.stringMatching(new RegExp(`^${operation}.*${refuse}: as told$`, 'i')) as string,
        cause: expect.any(Error) as Error,
      });
    });
  });
});

function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}
