/** Stand-ins for a test file, with the real SDK clients on them; they end with the file. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { createTables, startDynamoDb, type TableNames } from '../../local/standins/dynamodb.ts';
import { startS3 } from '../../local/standins/s3.ts';
import { CONTROL_CLIENT, OBJECT_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import { lagReads } from './lagging-reads.ts';

export const REGION = 'us-east-1';
export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface DynamoDbForTest {
  readonly url: string;
  /** What isn't read consistently, lags behind. */
  readonly client: DynamoDBClient;
  /** What the tables' names begin with, without the hyphen. */
  readonly prefix: string;
  readonly tables: Required<TableNames>;
  close(): Promise<void>;
}

/** Another DynamoDB that a run is to be held against, beside the stand-in (`npm run test:dynamodb-local`). */
const GIVEN_URL = process.env.CALLSPOOL_TEST_DYNAMODB_URL;

/** Dynalite says what AWS's own DynamoDB doesn't: it orders texts in conditions by UTF-16, and not what refused a write. */
export const IS_DYNALITE = GIVEN_URL === undefined;

export async function dynamoDbForTest(): Promise<DynamoDbForTest> {
  const dynamoDb =
    GIVEN_URL === undefined ? await startDynamoDb() : { url: GIVEN_URL, close: () => Promise.resolve() };
  const newClient = () =>
    new DynamoDBClient({
      ...CONTROL_CLIENT,
      endpoint: dynamoDb.url,
      region: REGION,
      credentials: CREDENTIALS,
    });
  const client = newClient();
  const writer = newClient();
  lagReads(client, writer);
  // Files that run side by side share the one that is given.
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  return {
    url: dynamoDb.url,
    client,
    prefix,
    tables: await createTables(writer, `${prefix}-`),
    close: async () => {
      client.destroy();
      writer.destroy();
      await dynamoDb.close();
    },
  };
}

export interface S3ForTest {
  readonly url: string;
  readonly client: S3Client;
  readonly bucket: string;
  close(): Promise<void>;
}

export async function s3ForTest(): Promise<S3ForTest> {
  const s3 = await startS3();
  const bucket = 'test-bucket';
  await s3.createBucket(bucket);
  const client = new S3Client({
    ...OBJECT_CLIENT,
    endpoint: s3.url,
    region: REGION,
    credentials: CREDENTIALS,
  });
  return {
    url: s3.url,
    client,
    bucket,
    close: async () => {
      client.destroy();
      await s3.close();
    },
  };
}
