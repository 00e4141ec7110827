import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { S3LiveObjects } from '../../../ports/live-objects/s3-live-objects.ts';
import { CREDENTIALS, REGION } from '../../support/standins.ts';

/** A client to which S3 answers with that error. */
function answering(httpStatusCode: number, name: string): S3Client {
  const client = new S3Client({ region: REGION, credentials: CREDENTIALS });
  client.middlewareStack.add(
    () => () =>
      Promise.reject(
        new S3ServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode } }),
      ),
    { step: 'initialize' },
  );
  return client;
}

test.each([
  [404, 'NoSuchKey'],
  // The task may not list what lies there.
  [403, 'AccessDenied'],
])('what S3 answers with %i %s isn’t there: a listener begins anew', async (status, name) => {
  const objects = new S3LiveObjects(answering(status, name), 'bucket');

  expect(await objects.get('live/listener-pieces.json')).toBeUndefined();
});

test('a failure is no answer', async () => {
  const objects = new S3LiveObjects(answering(500, 'InternalError'), 'bucket');

  await expect(objects.get('live/listener-pieces.json')).rejects.toThrow();
});
