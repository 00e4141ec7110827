import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { itemsOf } from '../../local/store.ts';
import { FolderTable } from '../../ports/folder-table.ts';
import {
  DynamoDbRecordErasure,
  FolderRecordErasure,
  type RecordErasure,
} from '../../ports/record-erasure.ts';
import { recordingId } from '../../recording/identity.ts';
import { RECORDING } from '../support/call.ts';
import { dynamoDbForTest, type DynamoDbForTest } from '../support/standins.ts';

type Item = Readonly<Record<string, unknown>>;

/** The contact's next recording stays. */
const OTHER = { ...RECORDING, startFragmentNumber: RECORDING.startFragmentNumber + 1n };
const calls = [RECORDING, OTHER].map((recording) => ({
  contactId: recording.contactId,
  startFragmentNumber: recording.startFragmentNumber.toString(),
}));
const checkpoints = [RECORDING, OTHER].map((recording) => ({
  recordingId: recordingId(recording),
  attempt: 1,
}));

let dynamoDb: DynamoDbForTest;
let dir: string;
beforeAll(async () => {
  dynamoDb = await dynamoDbForTest();
});
afterAll(() => dynamoDb.close());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-erasure-'));
});
afterEach(() => rm(dir, { recursive: true }));

interface World {
  readonly erasure: RecordErasure;
  readonly left: () => Promise<{ calls: readonly Item[]; checkpoints: readonly Item[] }>;
}

const ADAPTERS: readonly { name: string; make: () => Promise<World> }[] = [
  {
    name: 'DynamoDbRecordErasure',
    make: async () => {
      const { client, tables } = dynamoDb;
      const put = (TableName: string, item: Item) =>
        client.send(new PutItemCommand({ TableName, Item: marshall(item) }));
      for (const item of calls) await put(tables.calls, item);
      for (const item of checkpoints) await put(tables.checkpoints, item);
      return {
        erasure: new DynamoDbRecordErasure(client, tables),
        left: async () => ({
          calls: await itemsOf(client, tables.calls),
          checkpoints: await itemsOf(client, tables.checkpoints),
        }),
      };
    },
  },
  {
    name: 'FolderRecordErasure',
    make: async () => {
      const files = { calls: join(dir, 'x-calls.json'), checkpoints: join(dir, 'x-checkpoints.json') };
      await writeFile(files.calls, JSON.stringify(calls));
      await writeFile(files.checkpoints, JSON.stringify(checkpoints));
      const read = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as Item[];
      return {
        erasure: new FolderRecordErasure(new FolderTable(files.calls), new FolderTable(files.checkpoints)),
        left: async () => ({ calls: await read(files.calls), checkpoints: await read(files.checkpoints) }),
      };
    },
  },
];

describe.each(ADAPTERS)('$name', ({ make }) => {
  it('erases one recording’s items and no other’s, once or twice', async () => {
    const { erasure, left } = await make();

    await erasure.eraseCheckpoint(RECORDING);
    expect(await left()).toMatchObject({ calls: { length: 2 }, checkpoints: [checkpoints[1]] });
    await erasure.eraseCall(RECORDING);
    expect(await left()).toEqual({ calls: [calls[1]], checkpoints: [checkpoints[1]] });

    await erasure.eraseCheckpoint(RECORDING);
    await erasure.eraseCall(RECORDING);
    expect(await left()).toEqual({ calls: [calls[1]], checkpoints: [checkpoints[1]] });
  });
});

describe('a local run’s table', () => {
  it('is empty where there is no file', async () => {
    expect(await new FolderTable(join(dir, 'none.json')).items()).toEqual([]);
  });

  it.each(['', '{}', '[1]', '{"a":'])('is not what %j says', async (text) => {
    const file = join(dir, 'table.json');
    await writeFile(file, text);
    await expect(new FolderTable(file).items()).rejects.toThrow(
      'is not a table that a local run has written',
    );
  });
});
