/** The control plane on answers of a test's own, and what a data plane's client is made of. */
import { GetMediaCommand, KinesisVideoMediaClient } from '@aws-sdk/client-kinesis-video-media';
import { expect, it, onTestFinished, vi } from 'vitest';
import { KinesisControl } from '../../../ports/media/kinesis-client.ts';
import { KinesisMedia } from '../../../ports/media/kinesis-media.ts';
import { type Answer, answering } from '../../support/answering.ts';
import { STREAM_ARN } from '../../support/call.ts';
import { collect } from '../../support/collect.ts';
import { gate } from '../../support/gate.ts';
import { kinesisOptions } from '../../support/kinesis.ts';

const NEVER = new AbortController().signal;

/** An endpoint of it is itself. @param answers by operation */
async function service(answers: Readonly<Record<string, Answer>>) {
  const { url, requests } = await answering(({ url: { pathname } }) => {
    const endpoint = { body: { DataEndpoint: url } };
    return answers[pathname.slice(1)] ?? (pathname === '/getDataEndpoint' ? endpoint : { body: {} });
  });
  const asked = () =>
    requests.map(({ url: { pathname }, body }) => [pathname.slice(1), JSON.parse(body) as unknown]);
  return { url, requests, asked };
}

it('tells what a stream keeps, and since when there is one', async () => {
  const StreamInfo = { DataRetentionInHours: 24, CreationTime: 1_700_000_000.5 };
  const { url, asked } = await service({ describeStream: { body: { StreamInfo } } });
  expect(await new KinesisControl(kinesisOptions(url)).describeStream()).toEqual({
    retentionHours: 24,
    createdAtMs: 1_700_000_000_500,
  });
  expect(asked()).toEqual([['describeStream', { StreamARN: STREAM_ARN }]]);
});

it.each([[{}], [{ StreamInfo: {} }]])('tells nothing where the service says %o', async (body) => {
  const { url } = await service({ describeStream: { body } });
  expect(await new KinesisControl(kinesisOptions(url)).describeStream()).toEqual({
    retentionHours: undefined,
    createdAtMs: undefined,
  });
});

it('says that it was the stream’s description that was refused, and asks but once', async () => {
  const { url, requests } = await service({ describeStream: { status: 500, body: { Message: 'out' } } });
  await expect(new KinesisControl(kinesisOptions(url)).describeStream()).rejects.toMatchObject({
    name: 'MediaError',
    kind: 'unavailable',
    message: expect.stringMatching(/^DescribeStream .*out$/) as string,
  });
  expect(requests).toHaveLength(1);
});

it('takes an answer that names no endpoint for one to be tried again', async () => {
  const { url } = await service({ getDataEndpoint: { body: {} } });
  await expect(new KinesisMedia(kinesisOptions(url)).open({ kind: 'now' }, NEVER)).rejects.toMatchObject({
    name: 'MediaError',
    kind: 'unavailable',
    message: 'GetDataEndpoint gave no endpoint',
  });
});

it('does not wait for an endpoint when the signal is aborted', async () => {
  const held = gate();
  const { url, requests } = await answering(async () => {
    await held.passed;
    return {};
  });
  const controller = new AbortController();
  const options = kinesisOptions(url, { socketTimeoutMs: 60_000 });
  const opening = new KinesisMedia(options).open({ kind: 'now' }, controller.signal);
  await expect.poll(() => requests).toHaveLength(1);
  controller.abort();
  await expect(opening).rejects.toMatchObject({ name: 'MediaError', kind: 'unavailable' });
  held.open();
});

it('does not wait for media when the signal is aborted', async () => {
  const held = gate();
  const { url, requests } = await answering(async ({ url: { pathname } }) => {
    if (pathname === '/getDataEndpoint') return { body: { DataEndpoint: url } };
    await held.passed;
    return {};
  });
  const controller = new AbortController();
  const options = kinesisOptions(url, { socketTimeoutMs: 60_000 });
  const opening = new KinesisMedia(options).open({ kind: 'now' }, controller.signal);
  await expect.poll(() => requests).toHaveLength(2);
  controller.abort();
  await expect(opening).rejects.toMatchObject({ name: 'MediaError', kind: 'unavailable' });
  held.open();
});

it('says of a body that breaks off whose it was', async () => {
  const { url } = await service({ getMedia: { body: 'media', cutAt: 2 } });
  const body = await new KinesisMedia(kinesisOptions(url)).open({ kind: 'now' }, NEVER);
  await expect(collect(body)).rejects.toMatchObject({
    name: 'MediaError',
    kind: 'unavailable',
    message: expect.stringMatching(/^the body of GetMedia /) as string,
  });
});

it('gives up an answer that doesn’t come, by the socket’s time-out', async () => {
  const held = gate();
  const { url } = await answering(async () => {
    await held.passed;
    return {};
  });
  const control = new KinesisControl(kinesisOptions(url, { socketTimeoutMs: 100 }));
  await expect(control.describeStream()).rejects.toMatchObject({ name: 'MediaError', kind: 'unavailable' });
  held.open();
});

it('makes clients of the endpoint that the service names, also where addresses are to be asked for by IPv6, too', async () => {
  const { url, asked } = await service({ getMedia: { body: 'media' } });
  const config = await new KinesisControl(kinesisOptions(url)).dataClientConfig('GET_MEDIA');
  vi.stubEnv('AWS_USE_DUALSTACK_ENDPOINT', 'true');
  const client = new KinesisVideoMediaClient(config);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    client.destroy();
  });
  const request = { StreamARN: STREAM_ARN, StartSelector: { StartSelectorType: 'EARLIEST' } } as const;
  await client.send(new GetMediaCommand(request));
  expect(asked()).toEqual([
    ['getDataEndpoint', { StreamARN: STREAM_ARN, APIName: 'GET_MEDIA' }],
    ['getMedia', request],
  ]);
});

it('asks with the control plane’s region and credentials', async () => {
  const { url, requests } = await service({ getMedia: { body: 'media' } });
  await collect(await new KinesisMedia(kinesisOptions(url)).open({ kind: 'now' }, NEVER));
  const [control, data] = requests.map(
    ({ headers }) => /Credential=([^,]+)/.exec(headers.authorization ?? '')?.[1],
  );
  expect(control).toMatch(/^test\/\d{8}\/us-east-1\/kinesisvideo\/aws4_request$/);
  expect(data).toBe(control);
});
