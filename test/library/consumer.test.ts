/** `callspool/consumer` on the stand-in of Kinesis Video Streams: each fragment once, whatever breaks off. */
import { afterEach, describe, expect, test } from 'vitest';
import { consume, type ConsumeOptions, StreamError, type StreamFragment } from '../../library/consumer.ts';
import type { StoredFragment } from '../../local/standins/kinesis-video/stream.ts';
import { CONTACT_ID, STREAM_ARN } from '../support/call.ts';
import { collect } from '../support/collect.ts';
import { call, difference, STREAM_NAME } from '../support/kinesis.ts';
import { type StreamForTest, streamForTest } from './stream-for-test.ts';

const FRAGMENTS = call(12);
const NUMBERS = FRAGMENTS.map(({ number }) => number);

let under: StreamForTest | undefined;
afterEach(async () => {
  await under?.close();
  under = undefined;
});

async function given(...args: Parameters<typeof streamForTest>): Promise<StreamForTest> {
  return (under = await streamForTest(...args));
}

/** The same fragments, in a stream that numbers them from 1 on. */
function tinyNumbers(fragments: readonly StoredFragment[]): StoredFragment[] {
  return fragments.map(({ number, document, ...times }, index) => {
    const [was, is] = [number.toString(), (index + 1).toString()];
    const text = Buffer.from(document).toString('latin1');
    const renamed = text.replaceAll(was, is.padStart(was.length, '0'));
    return { ...times, number: BigInt(is), document: Buffer.from(renamed, 'latin1') };
  });
}

const numbersOf = (fragments: readonly StreamFragment[]) => fragments.map(({ number }) => number);

test('gives each fragment with its number, times, tags and blocks, and verbatim', async () => {
  const { options } = await given(FRAGMENTS);
  const fragments = await collect(consume({ ...options, from: 'earliest' }));
  expect(numbersOf(fragments)).toEqual(NUMBERS);
  const [first] = fragments;
  expect(first).toMatchObject({
    serverTimestampMs: FRAGMENTS[0]?.serverTimestampMs,
    producerTimestampMs: FRAGMENTS[0]?.producerTimestampMs,
    contactId: CONTACT_ID,
    isWhole: true,
  });
  expect(first?.tags.get('MimeType')).toBe('audio/L16;rate=8000;channels=1;');
  expect(first?.tracks.map(({ name }) => name)).toEqual(['AUDIO_FROM_CUSTOMER', 'AUDIO_TO_CUSTOMER']);
  for (const { blocks } of first?.tracks ?? []) expect(blocks.length).toBeGreaterThan(0);
  fragments.forEach((fragment, index) => {
    expect(difference(fragment.document(), FRAGMENTS[index]?.document ?? new Uint8Array())).toBeUndefined();
  });
});

test('goes on behind the last fragment when a session ends, in the middle of a fragment too', async () => {
  const largest = Math.max(...FRAGMENTS.map(({ document }) => document.length));
  const { options, requests } = await given(FRAGMENTS, {
    cutAtBytes: largest + 1_000,
    callsPerSecond: 1_000,
  });
  expect(numbersOf(await collect(consume({ ...options, from: 'earliest' })))).toEqual(NUMBERS);
  expect(requests.getMedia).toBeGreaterThan(5);
});

describe('begins', () => {
  const at = (index: number) => FRAGMENTS[index] ?? FRAGMENTS[0];
  const cases: [string, Partial<ConsumeOptions>, number][] = [
    ['with what comes now, unless it is told otherwise', {}, NUMBERS.length - 1],
    ['at a time', { from: new Date(at(4)?.serverTimestampMs ?? 0) }, 4],
    ['behind a fragment', { after: at(4)?.number.toString() ?? '' }, 5],
    [
      'with a recording’s first fragment, and not before it',
      {
        startFragmentNumber: at(4)?.number ?? 0n,
        startedAt: new Date((at(4)?.serverTimestampMs ?? 0) + 2_000),
      },
      4,
    ],
    ['with it however long ago it came', { startFragmentNumber: at(1)?.number ?? 0n }, 1],
  ];
  test.each(cases)('%s', async (_, begin, first) => {
    const { options } = await given(FRAGMENTS);
    expect(numbersOf(await collect(consume({ ...options, ...begin })))).toEqual(NUMBERS.slice(first));
  });

  test('with a first fragment whose number suggests no time', async () => {
    const numbered = tinyNumbers(FRAGMENTS);
    const { options } = await given(numbered);
    const fragments = await collect(consume({ ...options, startFragmentNumber: numbered[2]?.number ?? 0n }));
    expect(numbersOf(fragments)).toEqual(numbered.slice(2).map(({ number }) => number));
  });

  test('where an earlier reading stopped, by the position that it has kept as JSON', async () => {
    const { options } = await given(FRAGMENTS);
    let kept = '';
    for await (const { position } of consume({ ...options, from: 'earliest' })) {
      kept = JSON.stringify(position);
      if (position.fragmentNumber === NUMBERS[2]?.toString()) break;
    }
    const after = JSON.parse(kept) as StreamFragment['position'];
    expect(numbersOf(await collect(consume({ ...options, after })))).toEqual(NUMBERS.slice(3));
  });
});

test('finds a stream by its name', async () => {
  const { client } = await given(FRAGMENTS.slice(0, 1));
  const byName = { client, streamName: STREAM_NAME, endWhenQuietMs: 300 };
  expect(await collect(consume({ ...byName, from: 'earliest' }))).toHaveLength(1);
});

test('reads no more while one is dealt with, and frees its connection when it is left', async () => {
  const { options, requests } = await given(FRAGMENTS, { connections: 1, callsPerSecond: 1_000 });
  for await (const { number } of consume({ ...options, from: 'earliest' })) {
    expect(number).toBe(NUMBERS[0]);
    break;
  }
  expect(await collect(consume({ ...options, from: 'earliest' }))).toHaveLength(NUMBERS.length);
  expect(requests.getMedia).toBeGreaterThanOrEqual(2);
});

test('tells functions, in order, and how it ended', async () => {
  const { options } = await given(FRAGMENTS.slice(0, 3));
  const told: unknown[] = [];
  const onFragment = ({ number }: StreamFragment) => void told.push(number);
  const fragments = consume({
    ...options,
    from: 'earliest',
    onFragment,
    onEnd: (end) => void told.push(end),
  });
  expect(await collect(fragments)).toHaveLength(3);
  expect(told).toEqual([...NUMBERS.slice(0, 3), 'quiet']);
});

test('a signal ends it, whatever it waits for', async () => {
  const { client } = await given(FRAGMENTS);
  const controller = new AbortController();
  const ends: string[] = [];
  const fragments = consume({
    client,
    streamArn: STREAM_ARN,
    from: 'earliest',
    signal: controller.signal,
    onEnd: (end) => void ends.push(end),
  });
  for await (const { number } of fragments) if (number === NUMBERS.at(-1)) controller.abort();
  expect(ends).toEqual(['stopped']);
});

test('tells what can’t be read', async () => {
  const lost: unknown[] = [];
  const { options } = await given(FRAGMENTS.slice(3));
  const start = NUMBERS[0] ?? 0n;
  const begin = { startFragmentNumber: start, startedAt: new Date(FRAGMENTS[0]?.serverTimestampMs ?? 0) };
  await collect(consume({ ...options, ...begin, onLost: (one) => void lost.push(one) }));
  expect(lost).toMatchObject([{ after: start - 1n, before: NUMBERS[3] }]);
});

describe('says what no retry mends', () => {
  const failing = async (options: ConsumeOptions) => {
    const error: unknown = await collect(consume(options)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return error instanceof StreamError ? error.kind : error;
  };

  test.each([{ streamArn: `${STREAM_ARN}-gone` }, { streamName: 'gone' }])(
    'noSuchStream: %j',
    async (name) => {
      const { client } = await given(FRAGMENTS);
      expect(await failing({ client, ...name })).toBe('noSuchStream');
    },
  );

  test.each([
    ['accessDenied', 'NotAuthorizedException'],
    ['badRequest', 'InvalidArgumentException'],
  ] as const)('%s', async (kind, refuse) => {
    const { options } = await given(FRAGMENTS, { faults: () => ({ refuse }) });
    expect(await failing(options)).toBe(kind);
  });

  test('but tries again what may pass', async () => {
    const warnings: string[] = [];
    const faults: NonNullable<Parameters<typeof streamForTest>[1]>['faults'] = ({ operation, count }) =>
      operation === 'getMedia' && count < 3 ? { refuse: 'ClientLimitExceededException' } : undefined;
    const { options } = await given(FRAGMENTS, { faults });
    const onWarning = (message: string) => void warnings.push(message);
    expect(await collect(consume({ ...options, from: 'earliest', onWarning }))).toHaveLength(NUMBERS.length);
    expect(warnings).toEqual(Array(2).fill('the media stream can’t be read now'));
  });

  test('credentials that aren’t there', async () => {
    const { options } = await given(FRAGMENTS);
    const none = Object.assign(new Error('none here'), { name: 'CredentialsProviderError' });
    const client = { ...options.client, credentials: () => Promise.reject(none) };
    expect(await failing({ ...options, client })).toBe('noCredentials');
  });
});

test.each([
  [{}, 'give streamArn or streamName'],
  [{ streamArn: STREAM_ARN, streamName: 'b' }, 'give streamArn or streamName'],
  [{ streamArn: 'calls' }, 'streamArn is no ARN of a Kinesis video stream; a name goes into streamName'],
  [{ streamName: '' }, 'streamName is empty'],
  [{ streamArn: STREAM_ARN, from: 'now', after: '1' }, 'give one of from, startFragmentNumber and after'],
  [{ streamArn: STREAM_ARN, startedAt: new Date() }, 'startedAt goes with startFragmentNumber'],
  [{ streamArn: STREAM_ARN, from: new Date(NaN) }, 'from is now, earliest or a valid Date'],
  [{ streamArn: STREAM_ARN, endWhenQuietMs: NaN }, 'endWhenQuietMs is a number from 0 to Infinity'],
  [{ streamArn: STREAM_ARN, startFragmentNumber: '0x1' }, 'a fragment number is up to 60 decimal digits'],
] as const)('refuses %j', async (options, message) => {
  await expect(collect(consume(options))).rejects.toThrow(new TypeError(message));
});
