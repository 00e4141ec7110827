import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  type CallQueries,
  type CallQuery,
  type CallSummary,
  indexOf,
  type OnDamaged,
  summariesOf,
} from './call-queries.ts';

/** Earlier and later than any time that a record has. */
const ALL_TIME = { from: '0', to: '9999-12-31T23:59:59.999Z' };

/** The indexes of the calls table in DynamoDB. */
export class DynamoDbCallQueries implements CallQueries {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async *find(query: CallQuery, damaged?: OnDamaged): AsyncIterable<CallSummary> {
    const { name, key, value } = indexOf(query);
    const { from, to } = { ...ALL_TIME, ...query };
    if (to <= from) return;
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        IndexName: name,
        ScanIndexForward: false,
        // BETWEEN has both its ends; one that begins at `to` is left out below.
        KeyConditionExpression: '#key = :value AND startedAt BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#key': key },
        ExpressionAttributeValues: marshall({ ':value': value, ':from': from, ':to': to }),
      },
    );
    for await (const { Items = [] } of pages) {
      for (const summary of summariesOf(
        Items.map((item) => unmarshall(item)),
        damaged,
      )) {
        if (summary.startedAt < to) yield summary;
      }
    }
  }
}
