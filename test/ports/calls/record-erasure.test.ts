import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CALLS_TABLE } from '../../../contract/tables.ts';
import { itemsOf } from '../../../local/system/store.ts';
import { type RecordErasure, TableRecordErasure } from '../../../ports/calls/record-erasure.ts';
import { callsIn } from '../../../ports/table/dynamodb-table.ts';
import { FolderTable } from '../../../ports/table/folder-table.ts';
import { recordingId } from '../../../recording/identity.ts';
import { RECORDING } from '../../support/call.ts';
import { type DynamoDbForTest, dynamoDbForTest } from '../../support/standins.ts';

type Item = Readonly<Record<string, unknown>>;

const NOTHING = { fragments: 0, live: 0 };
/** The contact's next recording stays. */
const OTHER = { ...RECORDING, startFragmentNumber: RECORDING.startFragmentNumber + 1n };
const calls = [RECORDING, OTHER].map((recording) => ({
  contactId: recording.contactId,
  startFragmentNumber: recording.startFragmentNumber.toString(),
  recordingId: recordingId(recording),
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

interface Adapter {
  readonly erasure: RecordErasure;
  readonly left: () => Promise<readonly Item[]>;
}

const ADAPTERS: readonly { name: string; make: () => Promise<Adapter> }[] = [
  {
    name: 'TableRecordErasure on DynamoDB',
    make: async () => {
      const { client, tables } = dynamoDb;
      const put = (TableName: string, item: Item) =>
        client.send(new PutItemCommand({ TableName, Item: marshall(item) }));
      for (const item of calls) await put(tables.calls, item);
      return {
        erasure: new TableRecordErasure(callsIn(client, tables.calls)),
        left: () => itemsOf(client, tables.calls),
      };
    },
  },
  {
    name: 'TableRecordErasure in a folder',
    make: async () => {
      const file = join(dir, 'x-calls.json');
      await writeFile(file, JSON.stringify(calls));
      return {
        erasure: new TableRecordErasure(new FolderTable(file, CALLS_TABLE)),
        left: async () => JSON.parse(await readFile(file, 'utf8')) as Item[],
      };
    },
  },
];

describe.each(ADAPTERS)('$name', ({ make }) => {
  it('erases one recording’s record and no other’s, once or twice', async () => {
    const { erasure, left } = await make();

    await erasure.eraseCall(RECORDING);
    expect(await left()).toEqual([calls[1]]);

    await erasure.eraseCall(RECORDING);
    expect(await left()).toEqual([calls[1]]);
  });

  it('notes where the next recording began, and of several the nearest', async () => {
    const { erasure, left } = await make();
    const noted = async () => (await left()).map(({ nextStartFragmentNumber }) => nextStartFragmentNumber);
    const base = 10n ** 46n;

    for (const [next, nearest] of [
      [base + 5n, base + 5n],
      [base + 7n, base + 5n],
      [base + 3n, base + 3n],
      [base * 10n, base + 3n],
      [base - 1n, base - 1n],
      [base, base - 1n],
    ] as const) {
      await erasure.noteNextStart(RECORDING, next, NOTHING);
      expect(await noted()).toEqual([nearest.toString(), undefined]);
    }
  });

  it('adds up what went with each start that came nearer, however often it is noted', async () => {
    const { erasure, left } = await make();

    await erasure.noteNextStart(RECORDING, 7n, { fragments: 3, live: 2 });
    await erasure.noteNextStart(RECORDING, 7n, { fragments: 1, live: 1 });
    expect((await left())[0]).toMatchObject({ erasedBehind: 3, erasedBehindLive: 2 });

    await erasure.noteNextStart(RECORDING, 5n, { fragments: 2, live: 0 });
    expect((await left())[0]).toMatchObject({ erasedBehind: 5, erasedBehindLive: 2 });
  });

  it('tells from when on every assembly knew of it, where anybody can tell', async () => {
    const { erasure, left } = await make();
    const knownFrom = '2026-03-14T09:45:00.000Z';

    await erasure.noteNextStart(RECORDING, 7n, { ...NOTHING, knownFrom });
    await erasure.noteNextStart(RECORDING, 7n, { ...NOTHING, knownFrom: '2027-01-01T00:00:00.000Z' });

    expect((await left())[0]).toMatchObject({ nextStartFragmentNumber: '7', nextKnownFrom: knownFrom });

    await erasure.noteNextStart(RECORDING, 5n, NOTHING);
    expect((await left())[0]).toMatchObject({ nextStartFragmentNumber: '5', nextKnownFrom: knownFrom });
  });

  it('notes nothing where there is no record', async () => {
    const { erasure, left } = await make();
    await erasure.eraseCall(RECORDING);

    await erasure.noteNextStart(RECORDING, 5n, NOTHING);

    expect(await left()).toEqual([calls[1]]);
  });
});

describe('a local run’s table', () => {
  it('is empty where there is no file', async () => {
    expect(await new FolderTable(join(dir, 'none.json'), CALLS_TABLE).items()).toEqual([]);
  });

  it.each(['', '{}', '[1]', '{"a":'])('is not what %j says', async (text) => {
    const file = join(dir, 'table.json');
    await writeFile(file, text);
    await expect(new FolderTable(file, CALLS_TABLE).items()).rejects.toThrow(
      'is not a table that a local run has written',
    );
  });
});
