/** The services around one measured task: stand-ins in this process, the task in its own. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ConnectStandin, startConnect } from '../../local/connect.ts';
import { INSTANCE_ARN } from '../../local/connect-events.ts';
import { BUCKET, deployment, type Settings, STREAM_ARN, STREAM_NAME } from '../../local/deployment.ts';
import { createTables, startDynamoDb, type TableNames } from '../../local/dynamodb.ts';
import { clientConfig } from '../../local/environment.ts';
import { startEventBridge } from '../../local/event-bridge.ts';
import { type KinesisVideoStandin, startKinesisVideo } from '../../local/kinesis-video/server.ts';
import { Stream } from '../../local/kinesis-video/stream.ts';
import { systemClock } from '../../ports/clock.ts';
import { DynamoDbCalls } from '../../ports/dynamodb-calls.ts';
import { DynamoDbCheckpoints } from '../../ports/dynamodb-checkpoints.ts';
import { RUN_VARIABLES } from '../../recording/environment.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import type { StoredFragment } from '../../local/kinesis-video/stream.ts';
import { CONTACT_ID } from './call.ts';
import { type ObjectStore, type ObjectStoreOptions, startObjectStore } from './object-store.ts';

export interface World {
  readonly stream: Stream;
  readonly kinesisVideo: KinesisVideoStandin;
  readonly connect: ConnectStandin;
  readonly store: ObjectStore;
  readonly tables: TableNames;
  readonly calls: DynamoDbCalls;
  readonly checkpoints: DynamoDbCheckpoints;
  /** The environment of the task, and of the assembly, but for what names the recording. */
  readonly environment: (program: 'task' | 'assemble', settings?: Settings) => Record<string, string>;
  close(): Promise<void>;
}

export const EXECUTION_ARN = 'arn:aws:states:us-east-1:123456789012:execution:callspool-recording:bench';

export interface WorldOptions extends ObjectStoreOptions {
  /** Hears of every request to Kinesis Video. */
  readonly onMediaRequest?: (operation: string) => void;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const stream = new Stream({ name: STREAM_NAME, arn: STREAM_ARN, retentionHours: 48 });
  // Measuring opens sessions faster than calls do.
  const kinesisVideo = await startKinesisVideo({
    streams: [stream],
    callsPerSecond: 100,
    faults: ({ operation }) => {
      options.onMediaRequest?.(operation);
      return undefined;
    },
  });
  const connect = await startConnect(INSTANCE_ARN);
  const store = await startObjectStore(options);
  const eventBridge = await startEventBridge();
  const dynamoDbStandin = await startDynamoDb();
  const dynamoDb = new DynamoDBClient(clientConfig(dynamoDbStandin.url));
  const tables = await createTables(dynamoDb, 'callspool-');
  const endpoints = {
    KINESIS_VIDEO: kinesisVideo.url,
    CONNECT: connect.url,
    S3: store.url,
    DYNAMODB: dynamoDbStandin.url,
    EVENTBRIDGE: eventBridge.url,
  };
  return {
    stream,
    kinesisVideo,
    connect,
    store,
    tables,
    calls: new DynamoDbCalls(dynamoDb, tables.calls),
    checkpoints: new DynamoDbCheckpoints(dynamoDb, tables.checkpoints, systemClock),
    environment: (program, settings = {}) => {
      const { task, functions } = deployment(endpoints, tables, settings, 5_000);
      const assemble = functions.find(({ name }) => name === 'assemble');
      return { ...(program === 'task' ? task.environment : assemble?.environment) };
    },
    close: async () => {
      dynamoDb.destroy();
      await Promise.all([
        kinesisVideo.close(),
        connect.close(),
        store.close(),
        eventBridge.close(),
        dynamoDbStandin.close(),
      ]);
    },
  };
}

export interface Call {
  readonly recording: Recording;
  readonly startedAtMs: number;
  readonly fragments: readonly StoredFragment[];
}

export function callOfFragments(fragments: readonly StoredFragment[]): Call {
  const [first] = fragments;
  if (!first) throw new Error('a call has fragments');
  return {
    recording: { contactId: CONTACT_ID, startFragmentNumber: first.number },
    startedAtMs: first.serverTimestampMs,
    fragments,
  };
}

/** The record that the connect Lambda makes; `over`: the contact event has come, too. */
export async function register(world: World, call: Call, over: boolean): Promise<void> {
  const { recording, startedAtMs } = call;
  const startedAt = new Date(startedAtMs).toISOString();
  await world.calls.create({
    contactId: recording.contactId,
    startFragmentNumber: recording.startFragmentNumber.toString(),
    recordingId: recordingId(recording),
    status: 'RECORDING',
    executionArn: EXECUTION_ARN,
    streamArn: STREAM_ARN,
    startedAt,
    day: startedAt.slice(0, 10),
    instanceArn: INSTANCE_ARN,
  });
  if (over) await disconnect(world, call);
}

export async function disconnect(
  { calls }: World,
  { recording, fragments, startedAtMs }: Call,
): Promise<void> {
  const at = new Date((fragments.at(-1)?.serverTimestampMs ?? startedAtMs) + 1_000).toISOString();
  await calls.learn(
    recording,
    { disconnectedAt: at, connectedToAgentAt: at, agent: { arn: 'a' }, queue: { arn: 'q' } },
    at,
  );
}

/** What the workflow sets for one task. */
export function runVariables({ recording, startedAtMs }: Call): Record<string, string> {
  return {
    [RUN_VARIABLES.contactId]: recording.contactId,
    [RUN_VARIABLES.startFragmentNumber]: recording.startFragmentNumber.toString(),
    [RUN_VARIABLES.streamArn]: STREAM_ARN,
    [RUN_VARIABLES.startedAt]: new Date(startedAtMs).toISOString(),
    [RUN_VARIABLES.instanceArn]: INSTANCE_ARN,
    [RUN_VARIABLES.executionArn]: EXECUTION_ARN,
  };
}

export { BUCKET };
