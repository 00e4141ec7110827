import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTables, startDynamoDb } from '../../../local/standins/dynamodb.ts';
import { clientConfig } from '../../../local/standins/environment.ts';
import { startS3 } from '../../../local/standins/s3.ts';
import { dumpStores, itemsOf, loadStores, objectFile } from '../../../local/system/store.ts';

let dir: string;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-store-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(dir, { recursive: true });
});

async function startStores() {
  const dynamoDbStandin = await startDynamoDb();
  const s3Standin = await startS3();
  await s3Standin.createBucket('bucket');
  const dynamoDb = new DynamoDBClient(clientConfig(dynamoDbStandin.url));
  const s3 = new S3Client(clientConfig(s3Standin.url));
  closing.push(
    () => dynamoDbStandin.close(),
    () => s3Standin.close(),
    () => {
      dynamoDb.destroy();
      s3.destroy();
    },
  );
  return { dynamoDb, s3, tables: await createTables(dynamoDb, 'test-') };
}

const CALL = {
  contactId: 'call-1',
  startFragmentNumber: '91343852333181432392682062622220590765191907586',
  startedAt: '2026-01-01T00:00:00.000Z',
  day: '2026-01-01',
  status: 'COMPLETE',
  durationMs: 31_000.5,
  media: {
    gaps: [{ track: 'AUDIO_TO_CUSTOMER', startMs: 0, lengthMs: 7000 }],
    gapMs: { AUDIO_TO_CUSTOMER: 7000 },
  },
  startFailed: false,
};

async function tree(root: string): Promise<Record<string, Buffer>> {
  const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const read = files.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name);
    return [relative(root, file), await readFile(file)] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

test('tables and objects come out of files, and go into files, as they are', async () => {
  // Larger than the stand-in takes at once.
  const wav = Buffer.alloc(20_000_000, 'audio');
  const source = join(dir, 'source');
  const file = async (path: string, content: Buffer | string) => {
    await mkdir(dirname(join(source, path)), { recursive: true });
    await writeFile(join(source, path), content);
  };
  await file('tables/test-calls.json', `${JSON.stringify([CALL], null, 2)}\n`);
  await file('tables/test-checkpoints.json', '[]\n');
  await file('tables/test-transcripts.json', '[]\n');
  await file('s3/bucket/recordings/2026/01/01/call-1/9.wav', wav);
  await file('s3/bucket/tape/call-1/9/empty.mkv', '');

  const stores = await startStores();
  await loadStores(source, stores);
  await dumpStores(stores, {
    dir: join(dir, 'target'),
    tables: Object.values(stores.tables),
    buckets: ['bucket'],
  });

  expect(await itemsOf(stores.dynamoDb, stores.tables.calls)).toEqual([CALL]);
  const [before, after] = [await tree(source), await tree(join(dir, 'target'))];
  expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
  for (const [name, bytes] of Object.entries(before)) {
    if (name !== 'tables/test-calls.json')
      expect(bytes.equals(after[name] ?? Buffer.from('missing')), name).toBe(true);
  }
});

test('what earlier runs left stays, but for the items and objects of this one', async () => {
  const stores = await startStores();
  const table = join(dir, 'tables', `${stores.tables.calls}.json`);
  await mkdir(dirname(table));
  const other = { ...CALL, contactId: 'call-0' };
  await writeFile(table, JSON.stringify([other, { ...CALL, status: 'FAILED' }]));
  await mkdir(join(dir, 's3/bucket/tape'), { recursive: true });
  await writeFile(join(dir, 's3/bucket/tape/there.mkv'), 'earlier');
  await stores.dynamoDb.send(new PutItemCommand({ TableName: stores.tables.calls, Item: marshall(CALL) }));
  for (const Key of ['tape/there.mkv', 'tape/new.mkv', 'recordings/1.wav']) {
    await stores.s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'now' }));
  }
  const all = { dir, tables: Object.values(stores.tables), buckets: ['bucket'] };
  const texts = async () => {
    const files = Object.entries(await tree(join(dir, 's3/bucket')));
    return Object.fromEntries(files.map(([name, bytes]) => [name, bytes.toString()]));
  };

  await dumpStores(stores, { ...all, onlyNewBelow: 'tape/' });
  expect(JSON.parse(await readFile(table, 'utf8'))).toEqual([other, CALL]);
  expect(await texts()).toEqual({ 'tape/there.mkv': 'earlier', 'tape/new.mkv': 'now' });
  await dumpStores(stores, all);
  expect(JSON.parse(await readFile(table, 'utf8'))).toEqual([other, CALL]);
  expect(await texts()).toEqual({
    'tape/there.mkv': 'now',
    'tape/new.mkv': 'now',
    'recordings/1.wav': 'now',
  });
});

test('nothing comes out of a folder that holds nothing of it', async () => {
  const to = await startStores();
  await loadStores(dir, to);
  expect(await itemsOf(to.dynamoDb, to.tables.calls)).toEqual([]);
});

test.each(['../outside', '/etc/passwd', 'a//b', 'a/../../b', 'a/', ''])(
  'the key %j is no file below the folder',
  (key) => {
    expect(() => objectFile(dir, 'bucket', key)).toThrow(/can't be a file's name/);
  },
);
