/** What is asked of DynamoDB, word by word: what the stand-in would answer alike is held here. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { equals } from '../../../ports/table/condition.ts';
import { callsIn, checkpointsIn } from '../../../ports/table/dynamodb-table.ts';
import { expressionsOf } from '../../../ports/table/expressions.ts';
import { type Answer, answering } from '../../support/answering.ts';
import { collect } from '../../support/collect.ts';
import { CREDENTIALS, REGION } from '../../support/standins.ts';

const KEY = { contactId: 'c', startFragmentNumber: '1' };
const ITEM = { contactId: { S: 'c' }, startFragmentNumber: { S: '1' } };

const json = (body: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body,
});

async function given(answer: (request: number) => Answer) {
  const { url, requests } = await answering((_, request) => answer(request));
  const client = new DynamoDBClient({
    endpoint: url,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  onTestFinished(() => {
    client.destroy();
  });
  const asked = () => requests.map(({ body }): unknown => JSON.parse(body));
  return { calls: callsIn(client, 'calls'), checkpoints: checkpointsIn(client, 'checkpoints'), asked };
}

describe('an item', () => {
  it('is read as it is now, all of it', async () => {
    const { calls, asked } = await given(() => json({ Item: ITEM }));
    expect(await calls.get(KEY)).toEqual(KEY);
    expect(asked()).toEqual([{ TableName: 'calls', Key: ITEM, ConsistentRead: true }]);
  });

  it('is read in part where no more is asked for', async () => {
    const { calls, asked } = await given(() => json({}));
    expect(await calls.get(KEY, ['status', 'name'])).toBeUndefined();
    expect(asked()).toEqual([
      {
        TableName: 'calls',
        Key: ITEM,
        ConsistentRead: true,
        ProjectionExpression: '#status, #name',
        ExpressionAttributeNames: { '#status': 'status', '#name': 'name' },
      },
    ]);
  });

  it('is not taken for refused by a condition where it is refused for another reason', async () => {
    const { calls } = await given(() => json({ __type: 'ValidationException', message: 'no' }, 400));
    const changed = calls.change(KEY, { name: 'x', set: { why: 'x' }, when: equals('status', 'RECORDING') });
    await expect(changed).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('that refuses a change is told with it', async () => {
    const { calls } = await given(() =>
      json({ __type: 'ConditionalCheckFailedException', message: 'no', Item: ITEM }, 400),
    );
    const when = equals('status', 'RECORDING');
    expect(await calls.change(KEY, { name: 'x', set: { why: 'x' }, when })).toEqual({ standing: KEY });
  });
});

describe('a query', () => {
  it('by the table’s own keys reads what is there now, over all pages', async () => {
    const { calls, asked } = await given((request) =>
      json(request === 1 ? { Items: [ITEM], LastEvaluatedKey: ITEM } : {}),
    );
    expect(await collect(calls.query({ value: 'c' }))).toEqual([[KEY], []]);
    const first = {
      TableName: 'calls',
      ConsistentRead: true,
      ScanIndexForward: true,
      KeyConditionExpression: '#hash = :value',
      ExpressionAttributeNames: { '#hash': 'contactId' },
      ExpressionAttributeValues: { ':value': { S: 'c' } },
    };
    expect(asked()).toEqual([first, { ...first, ExclusiveStartKey: ITEM }]);
  });

  it('by an index, of which DynamoDB has no consistent reads, keeps to a span of its second key', async () => {
    const { calls, asked } = await given(() => json({ Items: [] }));
    const between = ['2026', '2027'] as const;
    await collect(calls.query({ index: 'byDay', value: '2026-03-14', between, backwards: true }));
    expect(asked()).toEqual([
      {
        TableName: 'calls',
        IndexName: 'byDay',
        ScanIndexForward: false,
        KeyConditionExpression: '#hash = :value AND #range BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#hash': 'day', '#range': 'startedAt' },
        ExpressionAttributeValues: {
          ':value': { S: '2026-03-14' },
          ':from': { S: '2026' },
          ':to': { S: '2027' },
        },
      },
    ]);
  });

  it('by an index that there isn’t is none', async () => {
    const { checkpoints, asked } = await given(() => json({}));
    await expect(collect(checkpoints.query({ index: 'byDay', value: 'x' }))).rejects.toThrow(
      'the checkpoints table has no index byDay',
    );
    expect(asked()).toEqual([]);
  });
});

describe('expressions', () => {
  it('are none where nothing is to be done, since DynamoDB refuses empty ones', () => {
    expect(JSON.parse(JSON.stringify(expressionsOf(KEY, { name: 'x' })))).toEqual({});
    expect(JSON.parse(JSON.stringify(expressionsOf(KEY, { name: 'x', set: KEY, add: {} })))).toEqual({});
  });

  it('name each attribute by a placeholder, and no value where none is compared', () => {
    const { ExpressionAttributeValues, ...expressions } = expressionsOf(KEY, {
      name: 'x',
      set: { size: undefined },
    });
    expect(ExpressionAttributeValues).toBeUndefined();
    expect(expressions).toMatchObject({
      UpdateExpression: 'REMOVE #size',
      ExpressionAttributeNames: { '#size': 'size' },
    });
  });
});
