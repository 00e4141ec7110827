/** Stand-ins for a test file, with the real SDK clients on them; they end with the file. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { CONTROL_CLIENT, OBJECT_CLIENT } from '../../ports/aws-client-config.ts';
import { createTables, startDynamoDb, type TableNames } from '../../local/dynamodb.ts';
import { startS3 } from '../../local/s3.ts';

export const REGION = 'us-east-1';
export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface DynamoDbForTest {
  readonly url: string;
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  close(): Promise<void>;
}

export async function dynamoDbForTest(): Promise<DynamoDbForTest> {
  const dynamoDb = await startDynamoDb();
  const client = new DynamoDBClient({
    ...CONTROL_CLIENT,
    endpoint: dynamoDb.url,
    region: REGION,
    credentials: CREDENTIALS,
  });
  return {
    url: dynamoDb.url,
    client,
    tables: await createTables(client, 'test-'),
    close: async () => {
      client.destroy();
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
