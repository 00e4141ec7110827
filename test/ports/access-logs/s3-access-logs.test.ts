import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { clientConfig } from '../../../local/standins/environment.ts';
import { startProxy } from '../../../local/standins/proxy.ts';
import { startS3 } from '../../../local/standins/s3.ts';
import type { LoggedRequest } from '../../../ports/access-logs/access-logs.ts';
import { S3AccessLogs } from '../../../ports/access-logs/s3-access-logs.ts';
import {
  accessLogLine,
  answeringLogging,
  deliver,
  loggingInto,
  NOT_LOGGING,
} from '../../support/access-log.ts';

const BUCKET = 'callspool-123456789012-eu-west-2';
const closers: (() => Promise<unknown>)[] = [];
let client: S3Client;
let logging: string;
let target: string;
let nth = 0;
let createBucket: (name: string) => Promise<void>;

beforeAll(async () => {
  const s3 = await startS3();
  closers.push(() => s3.close());
  const proxy = await startProxy(
    s3.url,
    answeringLogging(() => logging),
  );
  closers.push(() => proxy.close());
  client = new S3Client({ ...clientConfig(proxy.url), forcePathStyle: true });
  createBucket = (name) => s3.createBucket(name);
});
afterAll(async () => {
  client.destroy();
  for (const close of closers.reverse()) await close();
});
beforeEach(async () => {
  target = `logs-${(nth += 1)}`;
  logging = loggingInto(target);
  await createBucket(target);
});

async function read(from: string): Promise<(LoggedRequest | undefined)[]> {
  const taken: (LoggedRequest | undefined)[] = [];
  await new S3AccessLogs(client, BUCKET).read(Date.parse(from), (request) => taken.push(request));
  return taken;
}

const at = (time: string, key = 'a', bucket = BUCKET) => ({ bucket, key, at: new Date(time) });

test('a bucket that keeps none has none', async () => {
  logging = NOT_LOGGING;

  expect(await new S3AccessLogs(client, BUCKET).place()).toBeUndefined();
  expect(await read('2026-03-01')).toEqual([]);
});

test('what was asked since a day is read, of this bucket, day by day', async () => {
  await deliver(client, target, [
    at('2026-02-28T23:59:59Z', 'before'),
    at('2026-03-01T00:00:01Z', 'first'),
    at('2026-03-01T09:00:00Z', 'another', 'their-bucket'),
    at('2026-03-20T09:00:00Z', 'later'),
    at('2027-01-01T09:00:00Z', 'next-year'),
  ]);

  expect(await new S3AccessLogs(client, BUCKET).place()).toBe(`s3://${target}/access/`);
  expect((await read('2026-03-01T12:00:00Z')).map((request) => request?.key).toSorted()).toEqual([
    'first',
    'later',
    'next-year',
  ]);
});

test('logs that somebody has delivered without folders are read as well', async () => {
  logging = loggingInto(target).replace(/<TargetObjectKeyFormat>.*<\/TargetObjectKeyFormat>/, '');
  const put = (day: string, Body: string) =>
    client.send(
      new PutObjectCommand({ Bucket: target, Key: `access/${day}-10-00-00-0123456789ABCDEF`, Body }),
    );
  await put('2026-02-28', accessLogLine(at('2026-02-28T09:00:00Z', 'before')));
  const lines = ['one', 'two'].map((key) => accessLogLine(at('2026-03-01T09:00:00Z', key)));
  await put('2026-03-01', `${lines.join('\r\n')}\nthis is none\n\n`);

  expect((await read('2026-03-01')).map((request) => request?.key)).toEqual(['one', 'two', undefined]);
});
