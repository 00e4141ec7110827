import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  CALLS_TABLE,
  CHECKPOINTS_TABLE,
  type TableSchema,
  TRANSCRIPTS_TABLE,
} from '../../contract/tables.ts';
import { expressionsOf } from './expressions.ts';
import { keysOf } from './schema.ts';
import type { Change, Item, Key, Query, Refused, Table, Written } from './table.ts';

/** A table in DynamoDB: each operation is one request, and a query one a page. How long they wait is the client's to know. */
export class DynamoDbTable implements Table {
  readonly #client: DynamoDBClient;
  readonly #name: string;
  readonly #schema: TableSchema;

  constructor(client: DynamoDBClient, name: string, schema: TableSchema) {
    this.#client = client;
    this.#name = name;
    this.#schema = schema;
  }

  async get(key: Key, only?: readonly string[]): Promise<Item | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#name,
        Key: marshall(key),
        ConsistentRead: true,
        ...(only !== undefined && {
          ProjectionExpression: only.map((name) => `#${name}`).join(', '),
          ExpressionAttributeNames: Object.fromEntries(only.map((name) => [`#${name}`, name])),
        }),
      }),
    );
    return Item && unmarshall(Item);
  }

  async *query({ index, value, between, backwards = false }: Query): AsyncIterable<readonly Item[]> {
    const { hashKey, rangeKey = '' } = keysOf(this.#schema, index);
    const [from, to] = between ?? [];
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#name,
        ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
        ScanIndexForward: !backwards,
        KeyConditionExpression: `#hash = :value${between ? ' AND #range BETWEEN :from AND :to' : ''}`,
        ExpressionAttributeNames: { '#hash': hashKey, ...(between && { '#range': rangeKey }) },
        ExpressionAttributeValues: marshall({
          ':value': value,
          ...(between && { ':from': from, ':to': to }),
        }),
      },
    );
    for await (const { Items = [] } of pages) yield Items.map((item) => unmarshall(item));
  }

  async change(key: Key, change: Change): Promise<Written | Refused> {
    try {
      const { Attributes } = await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#name,
          Key: marshall(key),
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...expressionsOf(key, change),
        }),
      );
      return { written: unmarshall(Attributes ?? {}) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { standing: error.Item && unmarshall(error.Item) };
    }
  }

  async put(key: Key, item: Item): Promise<Item | undefined> {
    const { Attributes } = await this.#client.send(
      new PutItemCommand({
        TableName: this.#name,
        Item: marshall({ ...item, ...key }, { removeUndefinedValues: true }),
        ReturnValues: 'ALL_OLD',
      }),
    );
    return Attributes && unmarshall(Attributes);
  }

  async remove(key: Key): Promise<void> {
    await this.#client.send(new DeleteItemCommand({ TableName: this.#name, Key: marshall(key) }));
  }
}

/** @param name of the deployment's table of calls. */
export function callsIn(client: DynamoDBClient, name: string): DynamoDbTable {
  return new DynamoDbTable(client, name, CALLS_TABLE);
}

/** @param name of the deployment's table of checkpoints. */
export function checkpointsIn(client: DynamoDBClient, name: string): DynamoDbTable {
  return new DynamoDbTable(client, name, CHECKPOINTS_TABLE);
}

/** @param name of the deployment's table of what was said. */
export function transcriptsIn(client: DynamoDBClient, name: string): DynamoDbTable {
  return new DynamoDbTable(client, name, TRANSCRIPTS_TABLE);
}
