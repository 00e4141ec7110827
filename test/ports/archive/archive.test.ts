import { describe, expect, it } from 'vitest';
import {
  type Call,
  type Fault,
  type KinesisVideoStandin,
  startKinesisVideo,
} from '../../../local/standins/kinesis-video/server.ts';
import { Stream } from '../../../local/standins/kinesis-video/stream.ts';
import { KinesisArchive } from '../../../ports/archive/kinesis-archive.ts';
import { listedWithin, MemoryArchive } from '../../../ports/archive/memory-archive.ts';
import { MediaError } from '../../../ports/media/media.ts';
import { MemoryStream } from '../../../ports/media/memory-stream.ts';
import type { Clock } from '../../../ports/runtime/clock.ts';
import { watchedClock } from '../../../task/watchdog.ts';
import { STREAM_ARN } from '../../support/call.ts';
import { collect } from '../../support/collect.ts';
import { call, join, kinesisOptions, STREAM_NAME, tinyFragments } from '../../support/kinesis.ts';
import { readBody } from '../../support/read-body.ts';
import { describeArchive } from './archive-conformance.ts';

describeArchive('KinesisArchive', async ({ retention }) => {
  const stream = new Stream({ name: STREAM_NAME, arn: STREAM_ARN, retentionHours: retention ? 24 : 0 });
  const standin = await startKinesisVideo({ streams: [stream], callsPerSecond: Infinity });
  return {
    archive: new KinesisArchive(kinesisOptions(standin.url)),
    put: (fragment) => {
      stream.put(fragment);
    },
    close: () => standin.close(),
  };
});

describeArchive('MemoryArchive', ({ retention }) => {
  const stream = new MemoryStream();
  return Promise.resolve({
    archive: new MemoryArchive(stream, { retention }),
    put: (fragment) => {
      stream.put(fragment);
    },
    close: () => Promise.resolve(),
  });
});

const FRAGMENTS = call(3.5);
const NUMBERS = FRAGMENTS.map(({ number }) => number);

/** An adapter on a stand-in that keeps a call, for as long as `test` runs. Waits are noted, and over at once. */
async function withKinesis(
  faults: (asked: Call) => Fault | undefined,
  test: (archive: KinesisArchive, standin: KinesisVideoStandin, waitsMs: number[]) => Promise<void>,
  fragments = FRAGMENTS,
): Promise<void> {
  const stream = new Stream({ name: STREAM_NAME, arn: STREAM_ARN, retentionHours: 24 });
  for (const fragment of fragments) stream.put(fragment);
  const standin = await startKinesisVideo({ streams: [stream], faults, callsPerSecond: Infinity });
  const waitsMs: number[] = [];
  const clock: Clock = {
    now: () => Date.now(),
    sleep: (ms) => {
      waitsMs.push(ms);
      return Promise.resolve();
    },
  };
  try {
    await test(new KinesisArchive({ ...kinesisOptions(standin.url), clock }), standin, waitsMs);
  } finally {
    await standin.close();
  }
}

describe('KinesisArchive', () => {
  it('tries again where the service is throttled, waiting longer each time', async () => {
    const faults = ({ operation, count }: Call): Fault | undefined =>
      operation === 'listFragments' && count <= 3 ? { refuse: 'ClientLimitExceededException' } : undefined;
    await withKinesis(faults, async (archive, _, waitsMs) => {
      expect(await archive.list(0, Date.now())).toHaveLength(FRAGMENTS.length);
      expect(waitsMs).toEqual([250, 500, 1000]);
    });
  });

  it('gives up after five attempts', async () => {
    const faults = ({ operation }: Call): Fault | undefined =>
      operation === 'getMediaForFragmentList' ? { refuse: 'InternalFailure' } : undefined;
    await withKinesis(faults, async (archive, { requests }) => {
      await expect(archive.fetch(NUMBERS)).rejects.toMatchObject({ kind: 'unavailable' });
      expect(requests.getMediaForFragmentList).toBe(5);
    });
  });

  it.each([
    [30_000, 2],
    [22_500, 3],
  ])(
    'gives up sooner where the service takes long to fail (%i ms), and shows that it is alive at every request',
    async (ms, requests) => {
      const stream = new Stream({ name: STREAM_NAME, arn: STREAM_ARN, retentionHours: 24 });
      let nowMs = Date.now();
      const beganMs = nowMs;
      const faults = ({ operation }: Call): Fault | undefined => {
        if (operation !== 'getMediaForFragmentList') return undefined;
        nowMs += ms;
        return { refuse: 'InternalFailure' };
      };
      const standin = await startKinesisVideo({ streams: [stream], faults, callsPerSecond: Infinity });
      const aliveAt = new Set<number>();
      const seen = () => aliveAt.add(nowMs - beganMs);
      const clock = watchedClock({ now: () => nowMs, sleep: () => Promise.resolve() }, seen);
      const archive = new KinesisArchive({ ...kinesisOptions(standin.url), clock });
      await expect(archive.fetch(NUMBERS)).rejects.toMatchObject({ kind: 'unavailable' });
      expect([...aliveAt].slice(0, 2)).toEqual([0, ms]);
      expect(standin.requests.getMediaForFragmentList).toBe(requests);
      await standin.close();
    },
  );

  it.each([
    ['NotAuthorizedException', 'accessDenied'],
    ['ResourceNotFoundException', 'noSuchStream'],
  ] as const)('does not try again what no retry can mend: %s', async (refuse, kind) => {
    await withKinesis(
      ({ operation }) => (operation === 'listFragments' ? { refuse } : undefined),
      async (archive, { requests }) => {
        await expect(archive.list(0, Date.now())).rejects.toMatchObject({ name: 'MediaError', kind });
        expect(requests.listFragments).toBe(1);
      },
    );
  });

  it('takes the service’s word that a time is outside the retention period for "no archive"', async () => {
    const message = 'End timestamp 1724080162000 is outside of the stream retention period.';
    await withKinesis(
      ({ operation }) =>
        operation === 'listFragments' ? { refuse: 'InvalidArgumentException', message } : undefined,
      async (archive) => {
        await expect(archive.list(0, Date.now())).rejects.toMatchObject({ kind: 'noRetention' });
      },
    );
  });

  it('asks what the stream keeps before it says that there is nothing', async () => {
    await withKinesis(
      () => undefined,
      async (archive, { requests }) => {
        expect(await archive.list(0, Date.now() + 1000)).toEqual([]);
        expect(requests.describeStream).toBe(1);
        // From the beginning of what can be listed.
        expect(requests.listFragments).toBe(2);
      },
      [],
    );
  });

  it('says that there is nothing where it may not ask what the stream keeps', async () => {
    await withKinesis(
      ({ operation }) => (operation === 'describeStream' ? { refuse: 'AccessDeniedException' } : undefined),
      async (archive) => {
        expect(await archive.list(0, Date.now())).toEqual([]);
      },
      [],
    );
  });

  it('asks again for the rest after a fragment that is not there', async () => {
    await withKinesis(
      () => undefined,
      async (archive, { requests }) => {
        const body = await archive.fetch([NUMBERS[0] ?? 0n, 5n, NUMBERS[1] ?? 0n]);
        expect(readBody(join(await collect(body))).fragments.map(({ number }) => number)).toEqual(
          NUMBERS.slice(0, 2),
        );
        expect(requests.getMediaForFragmentList).toBe(2);
      },
    );
  });
});

describe('a listing by the producer’s clock', () => {
  it('has what began within the span by that clock', () => {
    const stream = new MemoryStream();
    const fragments = tinyFragments(5);
    for (const fragment of fragments) stream.put(fragment);
    const atMs = fragments[2]?.producerTimestampMs ?? 0;
    expect(listedWithin(stream, 'producer', atMs, atMs)).toEqual([fragments[2]]);
    expect(listedWithin(stream, 'server', atMs, atMs)).toEqual([]);
  });
});

describe('MemoryArchive', () => {
  it('refuses the calls that it is told to', async () => {
    const refusal = new MediaError('unavailable', 'as told');
    const archive = new MemoryArchive(new MemoryStream(), {
      refuse: (operation, count) => (operation === 'list' && count === 2 ? refusal : undefined),
    });
    await expect(archive.list(0, 1)).resolves.toEqual([]);
    await expect(archive.list(0, 1)).rejects.toBe(refusal);
    await expect(archive.fetch([1n])).resolves.toBeDefined();
  });

  it.each([1, 1_000])('fetches %i fragments, of which one is there', async (count) => {
    const stream = new MemoryStream();
    const [only] = FRAGMENTS;
    if (!only) throw new Error('there are fragments');
    stream.put(only);
    const numbers = Array.from({ length: count }, (_, index) => only.number - BigInt(index));
    expect(await collect(await new MemoryArchive(stream).fetch(numbers))).toHaveLength(1);
  });

  it('refuses fetches apart from listings', async () => {
    const refusal = new MediaError('unavailable', 'as told');
    const archive = new MemoryArchive(new MemoryStream(), {
      refuse: (operation, count) => (operation === 'fetch' && count === 1 ? refusal : undefined),
    });
    await expect(archive.list(0, 1)).resolves.toEqual([]);
    await expect(archive.fetch([1n])).rejects.toBe(refusal);
    await expect(archive.fetch([1n])).resolves.toBeDefined();
  });
});
