/**
 * The plain program that the task's start is measured against: the requests on the way to the first GetMedia, through
 * the same SDK clients, and nothing else.
 */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetDataEndpointCommand, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { GetMediaCommand, KinesisVideoMediaClient } from '@aws-sdk/client-kinesis-video-media';

const { STREAM_ARN = '', TABLE = '' } = process.env;

const [{ DataEndpoint = '' }] = await Promise.all([
  new KinesisVideoClient().send(new GetDataEndpointCommand({ StreamARN: STREAM_ARN, APIName: 'GET_MEDIA' })),
  new DynamoDBClient().send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { recordingId: { S: 'plain' } },
      UpdateExpression: 'SET plain = :plain',
      ExpressionAttributeValues: { ':plain': { S: 'plain' } },
    }),
  ),
]);
await new KinesisVideoMediaClient({ endpoint: DataEndpoint }).send(
  new GetMediaCommand({ StreamARN: STREAM_ARN, StartSelector: { StartSelectorType: 'EARLIEST' } }),
);
