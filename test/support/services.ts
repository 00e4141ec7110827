/** The services that functions talk to, as stand-ins, and an environment that leads the SDK's clients there. */
import { type ConnectStandin, startConnect } from '../../local/standins/connect.ts';
import { type EventBridgeStandin, startEventBridge } from '../../local/standins/event-bridge.ts';
import { startKinesisVideo } from '../../local/standins/kinesis-video/server.ts';
import { Stream } from '../../local/standins/kinesis-video/stream.ts';
import { startStepFunctions, type StepFunctionsStandin } from '../../local/standins/step-functions.ts';
import { stubAwsEnvironment } from './aws-environment.ts';
import { INSTANCE_ARN, STREAM_ARN } from './call.ts';
import { STREAM_NAME } from './kinesis.ts';
import { type DynamoDbForTest, dynamoDbForTest, type S3ForTest, s3ForTest } from './standins.ts';

/** Whatever the day of a test's call, the stream still has it. */
const KEEPS_HOURS = 24 * 3_650;

export interface Services {
  readonly dynamoDb: DynamoDbForTest;
  readonly s3: S3ForTest;
  readonly stream: Stream;
  readonly connect: ConnectStandin;
  readonly eventBridge: EventBridgeStandin;
  readonly stepFunctions: StepFunctionsStandin;
  close(): Promise<void>;
}

/** The environment is the test's until `vi.unstubAllEnvs`. */
export async function servicesForTest(): Promise<Services> {
  const stream = new Stream({ name: STREAM_NAME, arn: STREAM_ARN, retentionHours: KEEPS_HOURS });
  const [dynamoDb, s3, kinesisVideo, connect, eventBridge, stepFunctions] = await Promise.all([
    dynamoDbForTest(),
    s3ForTest(),
    startKinesisVideo({ streams: [stream] }),
    startConnect(INSTANCE_ARN),
    startEventBridge(),
    startStepFunctions(),
  ]);
  stubAwsEnvironment({
    DYNAMODB: dynamoDb.url,
    S3: s3.url,
    KINESIS_VIDEO: kinesisVideo.url,
    CONNECT: connect.url,
    EVENTBRIDGE: eventBridge.url,
    SFN: stepFunctions.url,
  });
  const all = [dynamoDb, s3, kinesisVideo, connect, eventBridge, stepFunctions];
  return {
    dynamoDb,
    s3,
    stream,
    connect,
    eventBridge,
    stepFunctions,
    close: async () => {
      await Promise.all(all.map((service) => service.close()));
    },
  };
}
