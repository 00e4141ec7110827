import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createTables, startDynamoDb } from '../../../local/standins/dynamodb.ts';
import type { Standin } from '../../../local/standins/standin.ts';
import { CREDENTIALS, REGION } from '../../support/standins.ts';

function clientOf({ url }: Standin): DynamoDBClient {
  return new DynamoDBClient({ endpoint: url, region: REGION, credentials: CREDENTIALS });
}

describe('the stand-in for DynamoDB', () => {
  it('has the tables that the stack would make', async () => {
    const dynamoDb = await startDynamoDb();
    const client = clientOf(dynamoDb);

    const names = await createTables(client, 'prefix-');
    expect(await createTables(client, 'prefix-')).toEqual(names);

    expect(names).toEqual({
      checkpoints: 'prefix-checkpoints',
      calls: 'prefix-calls',
      transcripts: 'prefix-transcripts',
    });
    const { Table } = await client.send(new DescribeTableCommand({ TableName: names.calls }));
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toEqual([
      'byCustomer',
      'byDay',
      'byStatus',
    ]);
    client.destroy();
    await dynamoDb.close();
  });

  it('survives a client that goes away amid a request', async () => {
    const dynamoDb = await startDynamoDb();
    const { port } = new URL(dynamoDb.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
    socket.resetAndDestroy();
    await once(socket, 'close');

    const client = clientOf(dynamoDb);
    await expect(createTables(client, 'x-')).resolves.toHaveProperty('calls', 'x-calls');

    client.destroy();
    await dynamoDb.close();
  });

  it('keeps its tables in a folder, and frees its port', async () => {
    const path = await mkdtemp(join(tmpdir(), 'callspool-test-'));
    const before = await startDynamoDb({ path });
    const client = clientOf(before);
    const { calls } = await createTables(client, 'kept-');
    client.destroy();
    await before.close();
    await expect(fetch(before.url)).rejects.toThrow();

    const after = await startDynamoDb({ path });
    const again = clientOf(after);
    const { Table } = await again.send(new DescribeTableCommand({ TableName: calls }));

    expect(Table?.TableStatus).toBe('ACTIVE');
    again.destroy();
    await after.close();
    await rm(path, { recursive: true });
  });
});
