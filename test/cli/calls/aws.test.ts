/** The commands on tables, a bucket and executions, by way of the SDK's clients. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchWriteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startS3 } from '../../../local/standins/s3.ts';
import { startStepFunctions, type StepFunctionsStandin } from '../../../local/standins/step-functions.ts';
import { itemsOf, keysOf } from '../../../local/system/store.ts';
import { type Clock, systemClock } from '../../../ports/runtime/clock.ts';
import { S3Tape } from '../../../ports/tape/s3-tape.ts';
import { utcDay } from '../../../recording/audio/files/keys.ts';
import { recordingId } from '../../../recording/identity.ts';
import { stubAwsEnvironment } from '../../support/aws-environment.ts';
import { callspool, type Ran } from '../../support/cli.ts';
import { noise, produced, STARTED_AT_MS } from '../../support/local-run.ts';
import { BUCKET, checkpointItem, putOnTape, recordedCall } from '../../support/recorded-call.ts';
import { type DynamoDbForTest, dynamoDbForTest, type S3ForTest, s3ForTest } from '../../support/standins.ts';

const CALL = produced([noise(3_000, 1), noise(3_000, 2)]);
const RECORDED = recordedCall(CALL);

let dir: string;
let dynamoDb: DynamoDbForTest;
let s3: S3ForTest;
let stepFunctions: StepFunctionsStandin;
beforeAll(async () => {
  dynamoDb = await dynamoDbForTest();
  s3 = await s3ForTest();
  stepFunctions = await startStepFunctions();
});
afterAll(async () => {
  await stepFunctions.close();
  await s3.close();
  await dynamoDb.close();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-aws-'));
  stubAwsEnvironment({ DYNAMODB: dynamoDb.url, S3: s3.url, SFN: stepFunctions.url });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

/** Nothing is waited for: time goes as fast as somebody waits. */
let aheadMs = 0;
const hurried: Clock = {
  now: () => systemClock.now() + aheadMs,
  sleep: (ms) => {
    aheadMs += ms;
    return Promise.resolve();
  },
};

/** The bucket isn’t named after the deployment. */
const cli = (...args: string[]): Promise<Ran> =>
  callspool([...args, '--prefix', dynamoDb.prefix, '--bucket', s3.bucket], {
    env: process.env,
    cwd: dir,
    clock: hurried,
  });

async function putCall(): Promise<void> {
  const put = (TableName: string, item: Record<string, unknown>) =>
    dynamoDb.client.send(
      new PutItemCommand({ TableName, Item: marshall(item, { removeUndefinedValues: true }) }),
    );
  const { record, checkpoint, objects } = RECORDED;
  await put(dynamoDb.tables.calls, { ...record, audio: { ...record.audio, bucket: s3.bucket } });
  await put(dynamoDb.tables.checkpoints, checkpointItem(checkpoint));
  for (const [Key, Body] of objects)
    await s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key, Body }));
  await putOnTape(new S3Tape(s3.client, s3.bucket), CALL, RECORDED);
}

test('a call is found, shown, fetched, and erased', async () => {
  await putCall();
  const listed = await cli('calls', 'list', '--day', '2026-03-14', '--json');
  expect(JSON.parse(listed.out)).toMatchObject([{ recordingId: recordingId(CALL), status: 'COMPLETE' }]);
  expect((await cli('calls', 'show', CALL.contactId)).out).toContain('COMPLETE');
  const file = join(dir, 'x.wav');
  expect(await cli('calls', 'fetch', CALL.contactId, '--out', file)).toMatchObject({ code: 0 });
  expect((await readFile(file)).equals(RECORDED.wav)).toBe(true);

  expect(await cli('calls', 'erase', CALL.contactId, '--yes')).toMatchObject({ code: 0 });

  const keys: string[] = [];
  for await (const key of keysOf(s3.client, s3.bucket)) keys.push(key);
  expect(keys).toEqual([]);
  expect(await itemsOf(dynamoDb.client, dynamoDb.tables.calls)).toEqual([]);
  expect(await itemsOf(dynamoDb.client, dynamoDb.tables.checkpoints)).toEqual([
    {
      recordingId: recordingId(CALL),
      owner: 'erased',
      erasedAt: expect.any(String) as string,
      expiresAt: expect.any(Number) as number,
    },
  ]);
});

test('a record that names another bucket than the deployment’s is not believed', async () => {
  await putCall();
  for (const command of [
    ['fetch', CALL.contactId, '--out', join(dir, 'x')],
    ['erase', CALL.contactId, '--yes'],
  ]) {
    const { code, err } = await callspool(['calls', ...command, '--prefix', dynamoDb.prefix], {
      env: process.env,
      cwd: dir,
    });
    expect(code).toBe(1);
    expect(err).toContain(
      `names the bucket ${s3.bucket}, and this deployment’s is ${dynamoDb.prefix}-123456789012-us-east-1`,
    );
  }
  expect(await itemsOf(dynamoDb.client, dynamoDb.tables.calls)).toHaveLength(1);
});

test('the bucket of a call without a recording follows from its execution', async () => {
  const other = await startS3();
  try {
    const bucket = BUCKET.replace('callspool', dynamoDb.prefix);
    await other.createBucket(bucket);
    vi.stubEnv('AWS_ENDPOINT_URL_S3', other.url);
    await putCall();
    const client = new S3Client({});
    await putOnTape(new S3Tape(client, bucket), CALL, RECORDED);
    client.destroy();
    const { record } = RECORDED;
    const running = { ...record, status: 'RECORDING' };
    Reflect.deleteProperty(running, 'audio');
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.tables.calls,
        Item: marshall(running, { removeUndefinedValues: true }),
      }),
    );
    const file = join(dir, 'x.wav');
    const fetching = ['calls', 'fetch', CALL.contactId, '--out', file, '--prefix', dynamoDb.prefix];
    expect(await callspool(fetching, { env: process.env, cwd: dir })).toMatchObject({ code: 4 });
    expect((await readFile(file)).equals(RECORDED.wav)).toBe(true);
  } finally {
    await other.close();
  }
});

test('what is being recorded is not erased', async () => {
  await putCall();
  const before = await itemsOf(dynamoDb.client, dynamoDb.tables.calls);
  stepFunctions.createStateMachine({
    stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:callspool',
    definition: JSON.stringify({
      StartAt: 'Wait',
      States: { Wait: { Type: 'Task', Resource: 'arn:aws:states:::ecs:runTask.sync', End: true } },
    }),
    resources: {
      'arn:aws:states:::ecs:runTask.sync': (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve(null);
          });
        }),
    },
  });
  const sfn = new SFNClient({});
  await sfn.send(
    new StartExecutionCommand({
      stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:callspool',
      name: recordingId(CALL),
    }),
  );
  sfn.destroy();

  const refused = await cli('calls', 'erase', CALL.contactId, '--yes');
  expect(refused.code).toBe(4);
  expect(refused.err).toContain('is being recorded or assembled');
  expect(await itemsOf(dynamoDb.client, dynamoDb.tables.calls)).toEqual(before);

  for (const execution of stepFunctions.executions()) execution.abort();
  await Promise.all(stepFunctions.executions().map(({ settled }) => settled));
  const erased = await cli('calls', 'erase', CALL.contactId, '--yes');
  expect(erased).toMatchObject({ code: 0 });
  expect(erased.err).toContain('waiting for that');
});

test('a thousand calls are no problem', async () => {
  const calls = Array.from({ length: 1_000 }, (_, index) => {
    const startedAt = new Date(STARTED_AT_MS + index * 60_000).toISOString();
    return {
      ...RECORDED.record,
      contactId: `contact-${index}`,
      recordingId: `contact-${index}_1`,
      startedAt,
      day: utcDay(new Date(startedAt)),
      customerNumber: '+1777',
    };
  });
  for (let at = 0; at < calls.length; at += 25) {
    const requests = calls.slice(at, at + 25).map((call) => ({
      PutRequest: { Item: marshall(call, { removeUndefinedValues: true }) },
    }));
    await dynamoDb.client.send(
      new BatchWriteItemCommand({ RequestItems: { [dynamoDb.tables.calls]: requests } }),
    );
  }
  const byDay = await cli('calls', 'list', '--from', '2026-03-14', '--to', '2026-03-20', '--json');
  const starts = (JSON.parse(byDay.out) as { startedAt: string }[]).map(({ startedAt }) => startedAt);
  expect(starts).toEqual(calls.map(({ startedAt }) => startedAt).reverse());
  const table = await cli('calls', 'list', '--customer', '+1777');
  expect(table.out.trim().split('\n')).toHaveLength(1_001);
  expect(table.err).toContain('1000 recordings');
});

describe('what AWS refuses is told with its remedy', () => {
  const refused = async (...args: string[]) => {
    const { code, err, out } = await callspool(args, { env: process.env, cwd: dir });
    expect(out).toBe('');
    expect(code).toBe(1);
    return err;
  };

  test('no such table', async () => {
    const err = await refused('calls', 'list', '--prefix', 'other', '--region', 'eu-west-2');
    expect(err).toContain('there is no table other-calls or other-checkpoints in eu-west-2');
    expect(err).toContain('--prefix');
  });

  test('no credentials', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    expect(await refused('calls', 'list', '--prefix', 'test')).toContain('aws sso login');
  });

  test('no such profile', async () => {
    expect(await refused('calls', 'list', '--profile', 'nobody')).toContain('--profile');
  });

  test('no region', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    expect(await refused('calls', 'list', '--prefix', 'test')).toContain('give --region, or set AWS_REGION');
  });

  test('nobody there', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:9');
    expect(await refused('calls', 'list', '--prefix', 'test')).toContain('AWS can’t be reached');
  });

  test('no bucket', async () => {
    await putCall();
    const err = await refused(
      'calls',
      'fetch',
      CALL.contactId,
      '--prefix',
      dynamoDb.prefix,
      '--bucket',
      'none',
      '--out',
      join(dir, 'x'),
    );
    expect(err).toContain('--bucket');
    expect(
      await callspool(['calls', 'show', 'nobody', '--prefix', dynamoDb.prefix], {
        env: process.env,
        cwd: dir,
      }),
    ).toMatchObject({ code: 3 });
  });
});
