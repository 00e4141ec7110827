import { describe, expect, it } from 'vitest';
import { requestIn } from '../../../ports/access-logs/log-line.ts';

const OWNER = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be';
const KEY =
  'recordings/2026/03/14/5b8d4f0a-31c7-4a3e-9a63-8f5c7d21e0ab/913438523331814323877303020447676887284957988.wav';
const ALICE = 'arn:aws:sts::123456789012:assumed-role/listeners/alice@example.org';

/** As S3 writes one today. */
function line(fields: Readonly<Record<string, string>> = {}): string {
  const all = {
    owner: OWNER,
    bucket: 'callspool-123456789012-eu-west-2',
    time: '[14/Mar/2026:09:26:53 +0000]',
    from: '192.0.2.3',
    requester: ALICE,
    requestId: '3E57427F3EXAMPLE',
    operation: 'REST.GET.OBJECT',
    key: KEY,
    uri: `"GET /${KEY}?x-id=GetObject HTTP/1.1"`,
    status: '200',
    error: '-',
    bytes: '1904044',
    objectSize: '1904044',
    totalTime: '41',
    turnAround: '28',
    referer: '"-"',
    agent: '"aws-sdk-js/3.1075.0 ua/2.1"',
    version: 'zXyVu.Ts',
    host: 's9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234=',
    rest: 'SigV4 TLS_AES_128_GCM_SHA256 AuthHeader callspool.s3.eu-west-2.amazonaws.com TLSv1.3 - -',
    ...fields,
  };
  return Object.values(all).join(' ');
}

describe('a line of S3’s access logs', () => {
  it('says who asked for what, when, from where, and what came of it', () => {
    expect(requestIn(line())).toEqual({
      bucket: 'callspool-123456789012-eu-west-2',
      at: '2026-03-14T09:26:53.000Z',
      from: '192.0.2.3',
      requester: ALICE,
      requestId: '3E57427F3EXAMPLE',
      operation: 'REST.GET.OBJECT',
      key: KEY,
      status: 200,
      bytes: 1_904_044,
    });
  });

  it.each([
    ['a zone', { time: '[14/Mar/2026:10:26:53 +0100]' }, { at: '2026-03-14T09:26:53.000Z' }],
    [
      'a refusal',
      { status: '403', error: 'AccessDenied', bytes: '243' },
      { status: 403, error: 'AccessDenied', bytes: 243 },
    ],
    ['bytes that are none', { bytes: '-' }, { bytes: 0 }],
    ['no name, nor an operation', { requestId: '-', operation: '-' }, { requestId: '', operation: '' }],
    ['IPv6', { from: '2001:db8::1' }, { from: '2001:db8::1' }],
    ['a key that is encoded three times', { key: 'a%252520b' }, { key: 'a%20b' }],
    ['a key that can be decoded once', { key: 'a%25zz' }, { key: 'a%zz' }],
    ['a key that is encoded twice', { key: 'recordings/a%252Fb%2Bc.wav' }, { key: 'recordings/a/b+c.wav' }],
    ['a key that can’t be decoded', { key: 'recordings/%zz.wav' }, { key: 'recordings/%zz.wav' }],
    ['a Request-URI with a quote in it', { uri: '"GET /x?y="z" HTTP/1.1"' }, { status: 200 }],
    [
      'a user agent that plays at being another line',
      { agent: '"x" 403 AccessDenied 1 2 3 4 "-" "y"' },
      { status: 200, bytes: 1_904_044 },
    ],
    [
      'fields that have come since',
      { rest: 'SigV4 x AuthHeader y TLSv1.3 - - eu-west-2 more' },
      { status: 200 },
    ],
    [
      'a service of AWS',
      { from: '-', requester: 'svc:s3.amazonaws.com' },
      { requester: 'svc:s3.amazonaws.com' },
    ],
    [
      'what expired',
      { operation: 'S3.EXPIRE.OBJECT', requester: 'AmazonS3', uri: '"-"', status: '-', bytes: '-' },
      { operation: 'S3.EXPIRE.OBJECT', bytes: 0 },
    ],
  ])('may have %s', (_, fields, expected) => {
    expect(requestIn(line(fields))).toMatchObject(expected);
  });

  it('leaves out what it doesn’t say', () => {
    const request = requestIn(
      line({ from: '-', requester: '-', key: '-', uri: '-', status: '-', error: '-' }),
    );

    expect(Object.keys(request ?? {}).toSorted()).toEqual([
      'at',
      'bucket',
      'bytes',
      'operation',
      'requestId',
    ]);
  });

  it('is no other text', () => {
    for (const text of [
      '',
      'x',
      line({ time: '[yesterday]' }),
      line({ time: '[14/Nix/2026:09:26:53 +0000]' }),
      line({ time: '[-]' }),
      line({ time: '[2026-03-14T09:26:53Z]' }),
      line({ bucket: '-' }),
      line({ status: 'OK' }),
      line({ uri: '"GET /x" 200 - 1 2 HTTP/1.1"' }),
      line().slice(0, 200),
      'x '.repeat(40_000),
    ]) {
      expect(requestIn(text), text.slice(0, 80)).toBeUndefined();
    }
  });
});
