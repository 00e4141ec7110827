import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientConfig } from '../../../local/standins/environment.ts';
import { PASS, type Proxy, type RequestFate, startProxy } from '../../../local/standins/proxy.ts';
import { S3Copies } from '../../../ports/copies/s3-copies.ts';

const RULES = (...buckets: string[]) =>
  `<ReplicationConfiguration><Role>r</Role>${buckets
    .map(
      (bucket) =>
        `<Rule><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::${bucket}</Bucket></Destination></Rule>`,
    )
    .join('')}</ReplicationConfiguration>`;
const problem = (code: string) => `<Error><Code>${code}</Code><Message>${code} it is</Message></Error>`;

let proxy: Proxy;
let client: S3Client;
let fate: RequestFate = PASS;
beforeAll(async () => {
  proxy = await startProxy('http://127.0.0.1:9', { request: () => fate });
  client = new S3Client({ ...clientConfig(proxy.url), forcePathStyle: true, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await proxy.close();
});

const copies = () => new S3Copies(client, client, 'recordings');
function answer(statusCode: number, body: string, headers: Record<string, string> = {}): void {
  fate = { kind: 'answer', statusCode, body, headers: { 'content-type': 'application/xml', ...headers } };
}
const names = async () => (await copies().buckets())?.map(({ name }) => name);

test('copies are where the bucket’s rules say, each bucket once', async () => {
  answer(200, RULES('one', 'two', 'one'));
  expect(await names()).toEqual(['s3://one', 's3://two']);
});

test('a bucket without rules has none; who may not ask isn’t told; and what goes wrong is no answer', async () => {
  answer(404, problem('ReplicationConfigurationNotFoundError'));
  expect(await names()).toEqual([]);
  answer(403, problem('AccessDenied'));
  expect(await names()).toBeUndefined();
  answer(500, problem('InternalError'));
  await expect(names()).rejects.toThrow('InternalError');
});

test.each([
  ['PENDING', 'pending'],
  ['COMPLETED', 'copied'],
  ['FAILED', 'failed'],
  ['REPLICA', 'none'],
])('an object that says %s is %s', async (status, state) => {
  answer(200, '', { 'x-amz-replication-status': status });
  expect(await copies().stateOf('a')).toBe(state);
});

test('rules that say nothing of a bucket name none, and a configuration without rules has none', async () => {
  answer(200, '<ReplicationConfiguration><Rule><Status>Enabled</Status></Rule></ReplicationConfiguration>');
  expect(await names()).toEqual([]);
  answer(200, '<ReplicationConfiguration></ReplicationConfiguration>');
  expect(await names()).toEqual([]);
  answer(200, '');
  expect(await names()).toEqual([]);
});

test('what goes wrong says nothing of an object', async () => {
  answer(403, '');
  await expect(copies().stateOf('a')).rejects.toThrow();
});

test('an object that isn’t there, or isn’t copied, is none', async () => {
  answer(200, '');
  expect(await copies().stateOf('a')).toBe('none');
  answer(404, '');
  expect(await copies().stateOf('a')).toBe('none');
});
