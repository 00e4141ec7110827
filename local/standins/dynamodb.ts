/** Amazon DynamoDB's stand-in: dynalite, embedded. */
import { once } from 'node:events';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { TableSchema } from '../../contract/tables.ts';
import {
  CALLS_TABLE,
  CHECKPOINTS_TABLE,
  keyAttributes,
  type TableKey,
  TRANSCRIPTS_TABLE,
} from '../../contract/tables.ts';
import { endpointOf, type Standin } from './standin.ts';

export interface DynamoDbOptions {
  /** Folder to keep the tables in, so that they outlive the process; in memory without it. */
  readonly path?: string;
}

/** Listens on 127.0.0.1, on a port of its own. Set `AWS_ENDPOINT_URL_DYNAMODB` to `url`. */
export async function startDynamoDb(options: DynamoDbOptions = {}): Promise<Standin> {
  const server = dynalite({ ...options, createTableMs: 0 });
  // dynalite throws, out of everyone's reach, when a client goes away amid a request (a task killed, say).
  server.on('request', (request) => {
    request.removeAllListeners('error').on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: endpointOf(server),
    close: async () => {
      const closed = new Promise<void>((resolve, reject) => {
        server.close((error) => {
          if (error) reject(error);
          else resolve();
        });
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface TableNames {
  readonly checkpoints: string;
  readonly calls: string;
  /** Undefined where a deployment writes down nothing of what is said. */
  readonly transcripts?: string;
}

/** Makes the tables, `<prefix>checkpoints`, `<prefix>calls` and `<prefix>transcripts`, unless they are there already. */
export async function createTables(client: DynamoDBClient, prefix: string): Promise<Required<TableNames>> {
  const names = {
    checkpoints: prefix + CHECKPOINTS_TABLE.suffix,
    calls: prefix + CALLS_TABLE.suffix,
    transcripts: prefix + TRANSCRIPTS_TABLE.suffix,
  };
  await createTable(client, names.checkpoints, CHECKPOINTS_TABLE);
  await createTable(client, names.calls, CALLS_TABLE);
  await createTable(client, names.transcripts, TRANSCRIPTS_TABLE);
  return names;
}

async function createTable(client: DynamoDBClient, name: string, table: TableSchema): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: keySchema(table),
        AttributeDefinitions: keyAttributes(table).map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        ...(table.indexes.length > 0 && {
          GlobalSecondaryIndexes: table.indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: keySchema(index),
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.projected] },
          })),
        }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await untilActive(client, name);
}

function keySchema({ hashKey, rangeKey }: TableKey): KeySchemaElement[] {
  const hash: KeySchemaElement = { AttributeName: hashKey, KeyType: 'HASH' };
  return rangeKey === undefined ? [hash] : [hash, { AttributeName: rangeKey, KeyType: 'RANGE' }];
}

const DESCRIBES_MAX = 500;

async function untilActive(client: DynamoDBClient, name: string): Promise<void> {
  for (let describes = 0; describes < DESCRIBES_MAX; describes++) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.TableStatus === 'ACTIVE') return;
  }
  throw new Error(`table ${name} does not become active`);
}
