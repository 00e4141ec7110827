/** What a task asks of AWS, and of what there. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../ports/runtime/clock.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { connectPorts, silentBodyMs } from '../../task/ports.ts';
import type { TaskSettings } from '../../task/settings.ts';
import { stubAwsEnvironment } from '../support/aws-environment.ts';
import {
  CONTACT_ID,
  EXECUTION_ARN,
  INSTANCE_ARN,
  RECORDING,
  RECORDING_ID,
  STARTED_AT,
  STREAM_ARN,
} from '../support/call.ts';
import { collect } from '../support/collect.ts';
import { ownOfEachTest } from '../support/own-of-test.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:callspool-ask-connect';
const INSTANCE_ID = INSTANCE_ARN.slice(INSTANCE_ARN.lastIndexOf('/') + 1);
const SETTINGS: TaskSettings = {
  recording: RECORDING,
  streamArn: STREAM_ARN,
  startedAtMs: Date.parse(STARTED_AT),
  instanceArn: INSTANCE_ARN,
  executionArn: EXECUTION_ARN,
  bucket: 'a-bucket',
  checkpointsTable: 'the-checkpoints',
  callsTable: 'the-calls',
  segmentMs: 10_000,
  idleTimeoutMs: 600_000,
  longestCallMs: 3_600_000,
  graceMs: 5_000,
  asksConnect: undefined,
};
const CREDENTIALS_PATH = '/credentials';

const own = ownOfEachTest();
/** What was asked for: the path, and the body. */
let asked: { readonly path: string; readonly body: string }[];

beforeEach(async () => {
  asked = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const path = decodeURIComponent(request.url?.split('?')[0] ?? '');
      asked.push({ path, body });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answerTo(path, url)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  own.closeAfter(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : undefined)}`;
  const services = ['KINESIS_VIDEO', 'DYNAMODB', 'S3', 'CONNECT', 'LAMBDA'];
  stubAwsEnvironment(Object.fromEntries(services.map((service) => [service, url])));
  // As in a container of Fargate's.
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${url}${CREDENTIALS_PATH}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function answerTo(path: string, url: string): object {
  switch (path) {
    case CREDENTIALS_PATH:
      return {
        AccessKeyId: 'test',
        SecretAccessKey: 'test',
        Token: 'test',
        Expiration: '2100-01-01T00:00:00Z',
      };
    case '/getDataEndpoint':
      return { DataEndpoint: url };
    case '/listFragments':
      return { Fragments: [] };
    default:
      return path.startsWith('/contacts/') ? { Contact: {} } : {};
  }
}

function ports(settings: Partial<TaskSettings> = {}) {
  return connectPorts({ ...SETTINGS, ...settings }, systemClock, silentTelemetry);
}

function bodiesOf(wanted: string): unknown[] {
  return asked.filter(({ path }) => path === wanted).map(({ body }): unknown => JSON.parse(body));
}

function timesOfCredentials(): number {
  return asked.filter(({ path }) => path === CREDENTIALS_PATH).length;
}

it('asks the recording’s stream, and for the first session’s endpoint at once', async () => {
  const { media } = ports();
  await expect
    .poll(() => bodiesOf('/getDataEndpoint'))
    .toEqual([{ StreamARN: STREAM_ARN, APIName: 'GET_MEDIA' }]);
  await collect(await media.open({ kind: 'now' }, new AbortController().signal));
  expect(bodiesOf('/getDataEndpoint')).toHaveLength(1);
  expect(bodiesOf('/getMedia')).toMatchObject([{ StreamARN: STREAM_ARN }]);
});

it('has each port ask for what is its own, with credentials that are asked for once', async () => {
  const { archive, tape, checkpoints, calls } = ports();
  await archive.list(0, 1_000);
  await checkpoints.read(RECORDING_ID);
  await calls.ofContact(CONTACT_ID);
  const number = RECORDING.startFragmentNumber;
  await tape.append(RECORDING, { first: number, last: number, bytes: Uint8Array.of(1) });
  expect(bodiesOf('/listFragments')).toMatchObject([{ StreamARN: STREAM_ARN }]);
  expect(bodiesOf('/')).toMatchObject([{ TableName: 'the-checkpoints' }, { TableName: 'the-calls' }]);
  const stored = asked.map(({ path }) => path).filter((path) => path.includes('tape/'));
  expect(stored).toEqual([expect.stringMatching(new RegExp(`^/a-bucket/tape/${CONTACT_ID}/${number}/`))]);
  expect(timesOfCredentials()).toBe(1);
});

it('asks Connect about a contact of its instance', async () => {
  const { checkpoints, contacts } = ports();
  await checkpoints.read(RECORDING_ID);
  expect(await contacts.describe(CONTACT_ID)).toMatchObject({ known: true });
  expect(timesOfCredentials()).toBe(1);
  expect(asked.map(({ path }) => path)).toContain(`/contacts/${INSTANCE_ID}/${CONTACT_ID}`);
});

it('asks the function for it where there is one', async () => {
  await ports({ asksConnect: FUNCTION_ARN }).contacts.describe(CONTACT_ID);
  const question = { contactId: CONTACT_ID, instanceArn: INSTANCE_ARN };
  expect(bodiesOf(`/2015-03-31/functions/${FUNCTION_ARN}/invocations`)).toEqual([question]);
  expect(asked.map(({ path }) => path).filter((path) => path.startsWith('/contacts/'))).toEqual([]);
});

it('takes no silence for a dead connection before it has told of it', () => {
  expect(silentBodyMs({ graceMs: 500 })).toBe(30_000);
  expect(silentBodyMs({ graceMs: 120_000 })).toBeGreaterThan(120_000 + 5_000);
});
