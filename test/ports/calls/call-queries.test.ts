import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallQueries, TableCallQueries } from '../../../ports/calls/call-queries.ts';
import { callsIn } from '../../../ports/table/dynamodb-table.ts';
import { DamagedItem } from '../../../ports/table/item.ts';
import { START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { callsTableOf } from '../../support/calls-table.ts';
import { collect } from '../../support/collect.ts';
import { type DynamoDbForTest, dynamoDbForTest } from '../../support/standins.ts';

/** Smaller than DynamoDB's own, so that paging is tested on few items. */
const PAGE_SIZE = 3;
const CALLER = '+15550100';

type Item = Readonly<Record<string, unknown>>;

/** Ten calls, an hour apart; the third status of each three is COMPLETE. */
const ITEMS: readonly Item[] = Array.from({ length: 10 }, (_, hour) => ({
  contactId: `contact-${hour}`,
  startFragmentNumber: START_FRAGMENT_NUMBER.toString(),
  recordingId: `contact-${hour}_1`,
  status: hour % 3 === 2 ? 'COMPLETE' : 'INCOMPLETE',
  startedAt: `2026-03-14T0${hour}:00:00.000Z`,
  day: '2026-03-14',
  durationMs: 1_000 * hour,
  endReason: 'DISCONNECTED',
  ...(hour % 2 === 0 && { customerNumber: CALLER }),
  ...(hour % 3 !== 2 && { why: 'lost' }),
  // What isn't asked for.
  attributes: { secret: 'value' },
}));

let dynamoDb: DynamoDbForTest;
/** Pages asked for. */
let pages = 0;
beforeAll(async () => {
  dynamoDb = await dynamoDbForTest();
  for (const item of ITEMS) await put(item);
  dynamoDb.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName !== 'QueryCommand') return next(args);
        pages += 1;
        return next({ ...args, input: { ...args.input, Limit: PAGE_SIZE } });
      },
    { step: 'initialize' },
  );
});
afterAll(() => dynamoDb.close());

async function put(item: Item): Promise<void> {
  await dynamoDb.client.send(new PutItemCommand({ TableName: dynamoDb.tables.calls, Item: marshall(item) }));
}

const ADAPTERS: readonly { name: string; make: () => CallQueries }[] = [
  {
    name: 'TableCallQueries on DynamoDB',
    make: () => new TableCallQueries(callsIn(dynamoDb.client, dynamoDb.tables.calls)),
  },
  { name: 'TableCallQueries in memory', make: () => new TableCallQueries(callsTableOf(ITEMS)) },
];

describe.each(ADAPTERS)('$name', ({ make }) => {
  const hours = async (query: Parameters<CallQueries['find']>[0]) =>
    (await collect(make().find(query))).map(({ contactId }) => Number(contactId.slice('contact-'.length)));

  it('finds a day’s calls over all pages, the latest first', async () => {
    expect(await hours({ by: 'day', day: '2026-03-14' })).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(await hours({ by: 'day', day: '2026-03-15' })).toEqual([]);
  });

  it('finds the calls of a customer, and of a status', async () => {
    expect(await hours({ by: 'customer', customerNumber: CALLER })).toEqual([8, 6, 4, 2, 0]);
    expect(await hours({ by: 'status', status: 'COMPLETE' })).toEqual([8, 5, 2]);
    expect(await hours({ by: 'customer', customerNumber: '+1' })).toEqual([]);
  });

  it('keeps to the span: from its beginning on, and up to, but without, its end', async () => {
    const from = '2026-03-14T03:00:00.000Z';
    const to = '2026-03-14T06:00:00.000Z';
    expect(await hours({ by: 'day', day: '2026-03-14', from, to })).toEqual([5, 4, 3]);
    expect(await hours({ by: 'day', day: '2026-03-14', from })).toEqual([9, 8, 7, 6, 5, 4, 3]);
    expect(await hours({ by: 'customer', customerNumber: CALLER, to })).toEqual([4, 2, 0]);
    expect(await hours({ by: 'status', status: 'COMPLETE', from: to, to: from })).toEqual([]);
  });

  it('gives the same summary by every index, and nothing else of the record', async () => {
    const expected = {
      contactId: 'contact-8',
      startFragmentNumber: START_FRAGMENT_NUMBER.toString(),
      recordingId: 'contact-8_1',
      status: 'COMPLETE',
      startedAt: '2026-03-14T08:00:00.000Z',
      durationMs: 8_000,
      endReason: 'DISCONNECTED',
      customerNumber: CALLER,
    };
    for (const query of [
      { by: 'day', day: '2026-03-14' },
      { by: 'customer', customerNumber: CALLER },
      { by: 'status', status: 'COMPLETE' },
    ] as const) {
      const found = await collect(make().find(query));
      expect(found.find(({ contactId }) => contactId === 'contact-8')).toEqual(expected);
    }
  });

  it('asks for no more pages than are read', async () => {
    pages = 0;
    for await (const { contactId } of make().find({ by: 'day', day: '2026-03-14' })) {
      expect(contactId).toBe('contact-9');
      break;
    }
    expect(pages).toBeLessThanOrEqual(1);
  });

  it('asks for none of a span that is empty', async () => {
    pages = 0;
    const at = '2026-03-14T03:00:00.000Z';
    expect(await hours({ by: 'day', day: '2026-03-14', from: at, to: at })).toEqual([]);
    expect(pages).toBe(0);
  });
});

it('says so when an item is not one of ours', async () => {
  const item = { ...ITEMS[0], status: 'LOST', day: '2027-01-01', contactId: 'stranger' };
  await put(item);
  for (const queries of [
    new TableCallQueries(callsIn(dynamoDb.client, dynamoDb.tables.calls)),
    new TableCallQueries(callsTableOf([item])),
  ]) {
    await expect(collect(queries.find({ by: 'day', day: '2027-01-01' }))).rejects.toThrow(DamagedItem);
  }
});
