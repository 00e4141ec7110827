/** The names that the recorder's clients ask for where it has no IPv4: the SDK's own rules make them. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetDataEndpointCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { GetMediaCommand, KinesisVideoMediaClient } from '@aws-sdk/client-kinesis-video-media';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readConfig } from '../../stacks/config/config.ts';
import { endpointVariables, IPV6_REGIONS } from '../../stacks/config/reach.ts';
import { STREAM_ARN } from '../support/call.ts';
import { CREDENTIALS } from '../support/standins.ts';

/** Ends each request where it would leave, and notes for whom it was. */
function noting() {
  const hosts: string[] = [];
  const handle = (request: { readonly hostname: string }) => {
    hosts.push(request.hostname);
    return Promise.reject(new Error('not sent'));
  };
  return { hosts, requestHandler: { handle, metadata: { handlerProtocol: 'http/1.1' } } };
}

beforeEach(() => {
  for (const [name, value] of Object.entries(endpointVariables(readConfig({}, { network: 'ipv6' }))))
    vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

it.each(IPV6_REGIONS)('have IPv6 in %s, all of them', async (region) => {
  const { hosts, requestHandler } = noting();
  const common = { region, credentials: CREDENTIALS, requestHandler, maxAttempts: 1 };
  const sent = [
    new KinesisVideoClient(common).send(
      new GetDataEndpointCommand({ StreamARN: STREAM_ARN, APIName: 'GET_MEDIA' }),
    ),
    new DynamoDBClient(common).send(new GetItemCommand({ TableName: 'calls', Key: {} })),
    new S3Client(common).send(new HeadObjectCommand({ Bucket: 'calls', Key: 'tape/1' })),
    new LambdaClient(common).send(new InvokeCommand({ FunctionName: 'ask-connect' })),
  ];
  await Promise.allSettled(sent);

  expect(hosts.toSorted()).toEqual([
    `calls.s3.dualstack.${region}.amazonaws.com`,
    `dynamodb.${region}.api.aws`,
    `kinesisvideo.${region}.api.aws`,
    `lambda.${region}.api.aws`,
  ]);
});

it('are those that the service gives for the audio, which the SDK would refuse to be given', async () => {
  const endpoint = 'https://s-12345678.kinesisvideo.us-east-1.api.aws';
  const send = async (own: { readonly useDualstackEndpoint?: boolean }) => {
    const { hosts, requestHandler } = noting();
    const common = { region: 'us-east-1', credentials: CREDENTIALS, requestHandler, maxAttempts: 1 };
    const client = new KinesisVideoMediaClient({ ...common, endpoint, ...own });
    const command = new GetMediaCommand({
      StreamARN: STREAM_ARN,
      StartSelector: { StartSelectorType: 'NOW' },
    });
    await client.send(command).catch(() => undefined);
    return hosts;
  };

  expect(await send({})).toEqual([]);
  expect(await send({ useDualstackEndpoint: false })).toEqual(['s-12345678.kinesisvideo.us-east-1.api.aws']);
});
