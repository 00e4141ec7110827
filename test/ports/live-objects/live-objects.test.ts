import { expect, test } from 'vitest';
import { MemoryLiveObjects } from '../../../ports/live-objects/memory-live-objects.ts';
import { S3LiveObjects } from '../../../ports/live-objects/s3-live-objects.ts';
import type { answering } from '../../support/answering.ts';
import { answeringS3, refusal, s3ClientOn } from '../../support/answering-s3.ts';

async function given(answer: Parameters<typeof answering>[0]) {
  const { client, requests } = await answeringS3(answer);
  return { objects: new S3LiveObjects(client, 'bucket'), requests };
}

test.each([
  [404, 'NoSuchKey'],
  // The task may not list what lies there.
  [403, 'AccessDenied'],
])('what S3 answers with %i %s isn’t there: a listener begins anew', async (status, name) => {
  const { objects } = await given(() => refusal(name, status));

  expect(await objects.get('live/listener-pieces.json')).toBeUndefined();
});

test.each([
  [{ position: '7' }, '7'],
  [undefined, undefined],
])('what is put is there as it was put, with what is said of it: %o', async (metadata, position) => {
  const { objects, requests } = await given(({ method }) => (method === 'GET' ? { body: 'pcm' } : {}));
  await objects.put('live/1.pcm', {
    bytes: Buffer.from('pcm'),
    contentType: 'audio/L16',
    ...(metadata && { metadata }),
  });
  expect(requests).toMatchObject([
    {
      method: 'PUT',
      url: { pathname: '/bucket/live/1.pcm' },
      headers: { 'content-type': 'audio/L16', 'content-length': '3' },
      body: 'pcm',
    },
  ]);
  expect(requests[0]?.headers['x-amz-meta-position']).toBe(position);
  expect(Buffer.from((await objects.get('live/1.pcm')) ?? []).toString()).toBe('pcm');
});

test('the twin keeps a copy of what was put, and tells in which order it came', async () => {
  const objects = new MemoryLiveObjects();
  const bytes = Buffer.from('pcm');
  await objects.put('b', { bytes, contentType: 'audio/L16' });
  await objects.put('a', { bytes, contentType: 'audio/L16' });
  bytes.fill(0);
  expect(objects.puts).toEqual(['b', 'a']);
  expect(Buffer.from((await objects.get('a')) ?? []).toString()).toBe('pcm');
  expect(objects.objects.get('b')).toMatchObject({ contentType: 'audio/L16' });
  expect(await objects.get('c')).toBeUndefined();
});

test('an answer that isn’t S3’s is none', async () => {
  await expect(
    new S3LiveObjects(s3ClientOn('http://127.0.0.1:1', { maxAttempts: 1 }), 'bucket').get('a'),
  ).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});

test('an answer without a body is of nothing that is there', async () => {
  const { client } = await answeringS3(() => ({}));
  client.middlewareStack.add(() => () => Promise.resolve({ output: { $metadata: {} }, response: {} }), {
    step: 'initialize',
  });
  expect(await new S3LiveObjects(client, 'bucket').get('live/1.pcm')).toBeUndefined();
});

test('a failure is no answer', async () => {
  const { objects } = await given(() => refusal('InternalError', 500));

  await expect(objects.get('live/listener-pieces.json')).rejects.toThrow();
});
