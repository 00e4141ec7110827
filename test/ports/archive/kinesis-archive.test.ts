/** What the adapter makes of answers that its stand-in wouldn't give. */
import { describe, expect, it } from 'vitest';
import type { KinesisVideoErrorName } from '../../../local/standins/kinesis-video/errors.ts';
import type { Operation } from '../../../local/standins/kinesis-video/requests.ts';
import { KinesisArchive } from '../../../ports/archive/kinesis-archive.ts';
import { archivedDocument } from '../../../ports/media/memory-documents.ts';
import { type Answer, answering } from '../../support/answering.ts';
import { STREAM_ARN } from '../../support/call.ts';
import { collect } from '../../support/collect.ts';
import { documentOf, T0 } from '../../support/documents.ts';
import { kinesisOptions } from '../../support/kinesis.ts';

const HOUR_MS = 3_600_000;
const NOW = T0 + 48 * HOUR_MS;

interface Told extends Answer {
  readonly refuse?: KinesisVideoErrorName;
  readonly message?: string;
}

/** @param tell the answer to the nth request (from 1) of an operation; an empty one unless it tells any */
async function given(
  tell: (operation: Operation, request: number, advance: (ms: number) => void) => Told | undefined,
) {
  const counts = new Map<string, number>();
  let nowMs = NOW;
  const advance = (ms: number) => {
    nowMs += ms;
  };
  const { url, requests } = await answering(({ url: { pathname } }) => {
    const operation = pathname.slice(1) as Operation;
    const count = (counts.get(operation) ?? 0) + 1;
    counts.set(operation, count);
    const { refuse, message = 'as told', ...answer } = tell(operation, count, advance) ?? { body: {} };
    if (refuse !== undefined)
      return { status: 400, headers: { 'x-amzn-errortype': refuse }, body: { Message: message } };
    return operation === 'getDataEndpoint' ? { body: { DataEndpoint: url } } : answer;
  });
  const clock = { now: () => nowMs, sleep: () => Promise.resolve() };
  /** What was asked of an operation, in order. */
  const asked = (operation: Operation) =>
    requests.filter(({ url: { pathname } }) => pathname === `/${operation}`).map(({ body }) => parsed(body));
  return { archive: new KinesisArchive({ ...kinesisOptions(url), clock }), asked };
}

function parsed(json: string): unknown {
  return JSON.parse(json);
}

function selecting(fromMs: number, toMs: number) {
  const TimestampRange = { StartTimestamp: fromMs / 1000, EndTimestamp: toMs / 1000 };
  return {
    StreamARN: STREAM_ARN,
    MaxResults: 1000,
    FragmentSelector: { FragmentSelectorType: 'SERVER_TIMESTAMP', TimestampRange },
  };
}

describe('a listing', () => {
  it('passes over what has no number, and keeps what has no time', async () => {
    const { archive } = await given((operation) =>
      operation === 'listFragments'
        ? {
            body: {
              Fragments: [
                { ServerTimestamp: 7 },
                { FragmentNumber: '5' },
                { FragmentNumber: '6', ServerTimestamp: 7 },
              ],
            },
          }
        : undefined,
    );
    expect(await archive.list(0, NOW)).toEqual([
      { number: 5n, serverTimestampMs: undefined },
      { number: 6n, serverTimestampMs: 7_000 },
    ]);
  });

  it('goes on where the page before says', async () => {
    const { archive, asked } = await given((operation, request) =>
      operation === 'listFragments'
        ? {
            body: {
              Fragments: [{ FragmentNumber: String(request) }],
              ...(request < 3 && { NextToken: `after ${request}` }),
            },
          }
        : undefined,
    );
    expect((await archive.list(T0, NOW)).map(({ number }) => number)).toEqual([1n, 2n, 3n]);
    expect(asked('listFragments')).toEqual([
      selecting(T0, NOW),
      { ...selecting(T0, NOW), NextToken: 'after 1' },
      { ...selecting(T0, NOW), NextToken: 'after 2' },
    ]);
  });

  it('without an end is given up after a thousand pages, however quickly they come', async () => {
    const { archive, asked } = await given((operation) =>
      operation === 'listFragments' ? { body: { NextToken: 'for ever' } } : undefined,
    );
    await expect(archive.list(T0, NOW)).rejects.toThrow('ListFragments gave more than 1000 pages');
    expect(asked('listFragments')).toHaveLength(1_000);
  });

  it.each([
    [60_000, 3],
    [60_001, 2],
    [130_000, 1],
  ])('without an end is given up after two minutes: %i ms a page', async (pageMs, pages) => {
    const { archive, asked } = await given((operation, _, advance) => {
      if (operation !== 'listFragments') return undefined;
      advance(pageMs);
      return { body: { NextToken: 'for ever' } };
    });
    await expect(archive.list(T0, NOW)).rejects.toMatchObject({
      name: 'MediaError',
      kind: 'unavailable',
      message: expect.stringMatching(/^ListFragments .* 120 s/) as string,
    });
    expect(asked('listFragments')).toHaveLength(pages);
  });

  it.each([
    ['InvalidArgumentException', 'NextToken is malformed', 'unavailable', 5],
    ['InternalFailure', 'the retention service is out', 'unavailable', 5],
    ['InvalidArgumentException', 'outside of the stream retention period', 'noRetention', 1],
  ] as const)('that is refused by %s, “%s”: %s', async (refuse, message, kind, requests) => {
    const { archive, asked } = await given((operation) =>
      operation === 'listFragments' ? { refuse, message } : undefined,
    );
    await expect(archive.list(T0, NOW)).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(new RegExp(`^ListFragments .*${message}$`)) as string,
    });
    expect(asked('listFragments')).toHaveLength(requests);
  });
});

describe('an empty listing', () => {
  const facts = (StreamInfo: unknown) => (operation: Operation) =>
    operation === 'describeStream' ? { body: { StreamInfo } } : undefined;
  const created = (ms: number) => ({ CreationTime: ms / 1000 });

  it.each([
    ['the stream is younger than that', { ...created(T0 + 1), DataRetentionInHours: 1000 }, T0 + 1],
    ['the stream is as old as that', { ...created(T0), DataRetentionInHours: 1000 }, undefined],
    ['the stream keeps less than that', { ...created(0), DataRetentionInHours: 47 }, NOW - 47 * HOUR_MS],
    ['the stream keeps more than that', { ...created(0), DataRetentionInHours: 49 }, undefined],
    ['nobody says how much the stream keeps', created(T0 + 5), T0 + 5],
    ['nobody says when the stream was made', { DataRetentionInHours: 47 }, NOW - 47 * HOUR_MS],
    ['nobody says anything', {}, undefined],
    ['the stream begins with the last ms', created(NOW), NOW],
    ['the stream begins later', created(NOW + 1), undefined],
  ])('is asked for once more from where the stream begins, if that is later: %s', async (_, info, fromMs) => {
    const { archive, asked } = await given(facts(info));
    expect(await archive.list(T0, NOW)).toEqual([]);
    const again = fromMs === undefined ? [] : [selecting(fromMs, NOW)];
    expect(asked('listFragments')).toEqual([selecting(T0, NOW), ...again]);
  });

  it('of a stream that keeps nothing is no word of what there was', async () => {
    const { archive } = await given(facts({ ...created(0), DataRetentionInHours: 0 }));
    await expect(archive.list(T0, NOW)).rejects.toMatchObject({
      name: 'MediaError',
      kind: 'noRetention',
      message: expect.stringContaining('retention is 0') as string,
    });
  });
});

describe('a fetch', () => {
  it.each([1, 1000])('takes %i numbers', async (count) => {
    const body = archivedDocument(documentOf({ number: 1n }));
    const { archive, asked } = await given((operation) =>
      operation === 'getMediaForFragmentList' ? { body: Buffer.from(body) } : undefined,
    );
    const numbers = Array.from({ length: count }, (_, index) => BigInt(index + 1));
    expect(Buffer.concat(await collect(await archive.fetch(numbers)))).toEqual(Buffer.from(body));
    expect(asked('getMediaForFragmentList')).toEqual([
      { StreamARN: STREAM_ARN, Fragments: numbers.map(String) },
    ]);
  });

  it.each([
    ['InvalidArgumentException', 'fragment 7 is not found', 'positionUnknown'],
    ['InvalidArgumentException', 'outside of the retention period', 'noRetention'],
    ['NotAuthorizedException', 'no', 'accessDenied'],
  ] as const)('that is refused by %s, “%s”: %s', async (refuse, message, kind) => {
    const { archive, asked } = await given((operation) =>
      operation === 'getMediaForFragmentList' ? { refuse, message } : undefined,
    );
    await expect(archive.fetch([7n])).rejects.toMatchObject({
      name: 'MediaError',
      kind,
      message: expect.stringMatching(new RegExp(`^GetMediaForFragmentList .*${message}$`)) as string,
    });
    expect(asked('getMediaForFragmentList')).toHaveLength(1);
  });

  it('says of a body that breaks off whose it was', async () => {
    const { archive } = await given((operation) =>
      operation === 'getMediaForFragmentList'
        ? { body: Buffer.from('1a45dfa3', 'hex'), cutAt: 2 }
        : undefined,
    );
    await expect(collect(await archive.fetch([7n]))).rejects.toMatchObject({
      name: 'MediaError',
      kind: 'unavailable',
      message: expect.stringContaining('the body of GetMediaForFragmentList') as string,
    });
  });

  it('keeps no connection of what is over, nor does a listing', async () => {
    const { archive } = await given(() => undefined);
    await archive.list(T0, NOW);
    const before = sockets();
    for (let times = 1; times <= 3; times += 1) {
      await archive.list(T0, NOW);
      await collect(await archive.fetch([1n]));
    }
    await expect.poll(sockets).toBeLessThanOrEqual(before);
  });
});

function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}
