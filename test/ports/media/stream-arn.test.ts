/** A stream that people name by its name. */
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { expect, it, onTestFinished } from 'vitest';
import { streamArnOf } from '../../../ports/media/stream-arn.ts';
import { type Answer, answering } from '../../support/answering.ts';
import { STREAM_ARN } from '../../support/call.ts';
import { kinesisOptions, STREAM_NAME } from '../../support/kinesis.ts';

async function asked(answer: Answer) {
  const { url, requests } = await answering(() => answer);
  const client = new KinesisVideoClient({ ...kinesisOptions(url).client, maxAttempts: 1 });
  onTestFinished(() => {
    client.destroy();
  });
  return { arn: streamArnOf(client, STREAM_NAME), requests };
}

const refused = (name: string): Answer => ({
  status: 400,
  headers: { 'x-amzn-errortype': name },
  body: { Message: 'as told' },
});

it('is asked for by its name, and tells its ARN', async () => {
  const { arn, requests } = await asked({ body: { StreamInfo: { StreamARN: STREAM_ARN } } });
  expect(await arn).toBe(STREAM_ARN);
  expect(requests.map(({ body }): unknown => JSON.parse(body))).toEqual([{ StreamName: STREAM_NAME }]);
});

it('has none where there is no such stream, or nothing is told of it', async () => {
  expect(await (await asked(refused('ResourceNotFoundException'))).arn).toBeUndefined();
  expect(await (await asked({ body: {} })).arn).toBeUndefined();
});

it('may be one that can’t be asked for', async () => {
  await expect((await asked(refused('AccessDeniedException'))).arn).rejects.toMatchObject({
    name: 'MediaError',
    kind: 'accessDenied',
    message: expect.stringMatching(/^DescribeStream .*as told$/) as string,
  });
});
