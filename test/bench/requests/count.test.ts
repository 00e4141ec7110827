import { expect, it } from 'vitest';
import { RequestCounter } from '../../../bench/requests/count.ts';

const toTable = (operation: string, table: string) => ({
  method: 'POST',
  path: '/',
  headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
  body: Buffer.from(JSON.stringify({ TableName: table })),
});

it('counts what is asked of each table, and a read and a write for each contact event that was not delivered', async () => {
  const counter = new RequestCounter();
  await counter.dynamoDb.request?.(toTable('UpdateItem', 'callspool-calls'));
  await counter.dynamoDb.request?.(toTable('UpdateItem', 'callspool-checkpoints'));
  counter.addContactEvents(3);

  expect(counter.counts).toEqual({
    'DynamoDB UpdateItem (calls)': 4,
    'DynamoDB UpdateItem (checkpoints)': 1,
    'DynamoDB Query (calls)': 3,
  });
  // Not a look of the recorder's, by which its interval is measured.
  expect(counter.queriedAtMs).toEqual([]);
});
