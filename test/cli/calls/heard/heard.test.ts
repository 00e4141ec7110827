/** Who has heard a call, as an auditor asks it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { time } from '../../../../cli/terminal/terminal.ts';
import { clientConfig } from '../../../../local/standins/environment.ts';
import { type Proxy, startProxy } from '../../../../local/standins/proxy.ts';
import { type S3Standin, startS3 } from '../../../../local/standins/s3.ts';
import { systemClock } from '../../../../ports/runtime/clock.ts';
import { wavKey } from '../../../../recording/audio/files/keys.ts';
import { recordingId } from '../../../../recording/identity.ts';
import { tapePrefix } from '../../../../recording/tape/keys.ts';
import {
  answeringLogging,
  deliver,
  type LineOf,
  loggingInto,
  NOT_LOGGING,
} from '../../../support/access-log.ts';
import { stubAwsEnvironment } from '../../../support/aws-environment.ts';
import { callspool, type Ran } from '../../../support/cli.ts';
import { writeLocalDir } from '../../../support/local-dir.ts';
import { noise, produced, STARTED_AT_MS } from '../../../support/local-run.ts';
import { recordedCall } from '../../../support/recorded-call.ts';
import { type DynamoDbForTest, dynamoDbForTest } from '../../../support/standins.ts';

const CALL = produced([noise(1_000, 1)]);
const { record } = recordedCall(CALL);
const STARTED = new Date(STARTED_AT_MS);
const WAV = wavKey(CALL, STARTED);
const ALICE = 'arn:aws:sts::123456789012:assumed-role/listeners/alice@example.org';
const BOB = 'arn:aws:iam::123456789012:user/bob';

let dynamoDb: DynamoDbForTest;
let s3: S3Standin;
let proxy: Proxy;
let client: S3Client;
let dir: string;
let logging = NOT_LOGGING;
let target: string;
let nth = 0;
beforeAll(async () => {
  dynamoDb = await dynamoDbForTest();
  s3 = await startS3();
  proxy = await startProxy(
    s3.url,
    answeringLogging(() => logging),
  );
  client = new S3Client({ ...clientConfig(proxy.url), forcePathStyle: true });
  const Item = marshall(record, { removeUndefinedValues: true });
  await dynamoDb.client.send(new PutItemCommand({ TableName: dynamoDb.tables.calls, Item }));
});
afterAll(async () => {
  client.destroy();
  await proxy.close();
  await s3.close();
  await dynamoDb.close();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-heard-'));
  target = `heard-logs-${(nth += 1)}`;
  await s3.createBucket(target);
  logging = loggingInto(target);
  stubAwsEnvironment({ DYNAMODB: dynamoDb.url, S3: proxy.url });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

const BUCKET = 'heard-recordings';
const heard = (...args: string[]): Promise<Ran> =>
  callspool(['calls', 'heard', ...args, '--prefix', dynamoDb.prefix, '--bucket', BUCKET], {
    env: process.env,
    cwd: dir,
    clock: { ...systemClock, now: () => STARTED_AT_MS + 30 * 86_400_000 },
  });

const later = (days: number) => new Date(STARTED_AT_MS + days * 86_400_000);
const when = (days: number) => time(later(days).toISOString());
const fetched = (of: Partial<LineOf>): LineOf => ({
  bucket: BUCKET,
  key: WAV,
  at: later(1),
  requester: ALICE,
  ...of,
});

test('whoever has fetched it is told: when, what, from where, how much, and what came of it', async () => {
  await deliver(client, target, [
    fetched({ at: later(2), requester: BOB, status: 403, error: 'AccessDenied', bytes: 243 }),
    fetched({ at: later(1), bytes: 1_904_044 }),
    fetched({ key: WAV.replace(CALL.contactId, '00000000-0000-4000-8000-000000000000') }),
    fetched({ operation: 'REST.HEAD.OBJECT' }),
    fetched({
      requester: `arn:aws:sts::123456789012:assumed-role/${dynamoDb.prefix}-us-east-1-assemble/x`,
      key: `${tapePrefix(CALL)}1-2-x.mkv`,
    }),
  ]);

  const { code, out, err } = await heard(CALL.contactId);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));

  expect(code).toBe(0);
  expect(lines).toEqual([
    ['WHEN (UTC)', 'WHO', 'DID', 'WHAT', 'FROM', 'BYTES', 'STATUS'],
    [when(1), 'listeners/alice@example.org', 'REST.GET.OBJECT', 'wav', '192.0.2.3', '1.8 MiB', '200'],
    [when(2), 'user/bob', 'REST.GET.OBJECT', 'wav', '192.0.2.3', '243 B', '403 AccessDenied'],
  ]);
  expect(err).toContain('left out: 1 request of the deployment’s own programs');
  expect(err).toContain(`from s3://${target}/access/. S3 delivers within some hours`);
});

test('--json has all that is known of each; --all what else was asked, too', async () => {
  await deliver(client, target, [fetched({}), fetched({ operation: 'REST.HEAD.OBJECT', at: later(3) })]);

  const { out } = await heard(recordingId(CALL), '--json');
  const everything = await heard(recordingId(CALL), '--json', '--all');

  expect(JSON.parse(out)).toEqual([
    expect.objectContaining({ requester: ALICE, key: WAV, status: 200, from: '192.0.2.3', bytes: 1 }),
  ]);
  expect(JSON.parse(everything.out)).toHaveLength(2);
});

test('a recording whose number begins with another’s is not that one', async () => {
  await deliver(client, target, [fetched({ key: WAV.replace('.wav', '7.wav') }), fetched({})]);

  expect(JSON.parse((await heard(recordingId(CALL), '--json')).out)).toHaveLength(1);
  expect(JSON.parse((await heard(CALL.contactId, '--json')).out)).toHaveLength(2);
});

test('--since says since when; without a record it has to', async () => {
  const gone = '00000000-0000-4000-8000-000000000000';
  await deliver(client, target, [
    fetched({ at: later(1) }),
    fetched({ at: later(29) }),
    fetched({ at: later(28), key: WAV.replace(CALL.contactId, gone) }),
  ]);

  expect(JSON.parse((await heard(CALL.contactId, '--json', '--since', '3d')).out)).toHaveLength(1);
  expect(await heard(gone)).toMatchObject({
    code: 2,
    err: expect.stringContaining('give --since') as string,
  });
  expect(JSON.parse((await heard(gone, '--json', '--since', '3d')).out)).toHaveLength(1);
});

test('where nobody has, and where none are kept, is said', async () => {
  const nobody = await heard(CALL.contactId);
  expect(nobody).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringContaining('nobody has fetched') as string,
  });

  logging = NOT_LOGGING;
  expect(await heard(CALL.contactId)).toMatchObject({
    code: 3,
    err: expect.stringContaining('CALLSPOOL_ACCESS_LOGS=true') as string,
  });
});

test('of a local run nobody writes that down', async () => {
  const run = join(dir, 'run');
  await writeLocalDir(run, [[CALL, recordedCall(CALL)]]);
  const { code, err } = await callspool(['calls', 'heard', CALL.contactId, '--local', run]);

  expect(code).toBe(3);
  expect(err).toContain('nobody writes down who reads the files of a local run');
});
