/**
 * The plain program that the task is measured against: GetMedia's body, cut into pieces of a size, each put to S3 and
 * noted in DynamoDB, through the same SDK clients. It understands nothing of what it pipes.
 */
import { Readable } from 'node:stream';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetDataEndpointCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { GetMediaCommand, KinesisVideoMediaClient } from '@aws-sdk/client-kinesis-video-media';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const {
  STREAM_ARN = '',
  STARTED_AT = '',
  BUCKET = '',
  TABLE = '',
  PIECE_BYTES = '',
  TOTAL_BYTES = '',
} = process.env;
const pieceBytes = Number(PIECE_BYTES);
const totalBytes = Number(TOTAL_BYTES);
const s3 = new S3Client();
const dynamoDb = new DynamoDBClient();

let pieces = 0;
async function store(body: Buffer): Promise<void> {
  pieces += 1;
  await s3.send(
    new PutObjectCommand({
      Bucket: BUCKET,
      Key: `plain/${String(pieces)}`,
      Body: body,
      ContentLength: body.length,
    }),
  );
  await dynamoDb.send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { recordingId: { S: 'plain' } },
      UpdateExpression: 'SET pieces = :pieces, updatedAt = :now',
      ExpressionAttributeValues: {
        ':pieces': { N: String(pieces) },
        ':now': { S: new Date().toISOString() },
      },
    }),
  );
}

const { DataEndpoint = '' } = await new KinesisVideoClient().send(
  new GetDataEndpointCommand({ StreamARN: STREAM_ARN, APIName: 'GET_MEDIA' }),
);
const { Payload } = await new KinesisVideoMediaClient({ endpoint: DataEndpoint }).send(
  new GetMediaCommand({
    StreamARN: STREAM_ARN,
    StartSelector: { StartSelectorType: 'SERVER_TIMESTAMP', StartTimestamp: new Date(STARTED_AT) },
  }),
);
let chunks: Uint8Array[] = [];
let gathered = 0;
let total = 0;
let storing: Promise<void> = Promise.resolve();
if (!(Payload instanceof Readable)) throw new Error('GetMedia gave no body');
for await (const chunk of Payload as AsyncIterable<Uint8Array>) {
  chunks.push(chunk);
  gathered += chunk.length;
  total += chunk.length;
  if (gathered < pieceBytes && total < totalBytes) continue;
  const piece = Buffer.concat(chunks);
  chunks = [];
  gathered = 0;
  await storing;
  storing = store(piece);
  if (total >= totalBytes) break;
}
await storing;
process.exit();
