/** The services around one measured task: stand-ins in this process, the task in its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RUN_VARIABLES } from '../../contract/variables.ts';
import { type ConnectStandin, startConnect } from '../../local/standins/connect.ts';
import { INSTANCE_ARN } from '../../local/standins/connect-events.ts';
import { createTables, startDynamoDb, type TableNames } from '../../local/standins/dynamodb.ts';
import { clientConfig } from '../../local/standins/environment.ts';
import { startEventBridge } from '../../local/standins/event-bridge.ts';
import { type KinesisVideoStandin, startKinesisVideo } from '../../local/standins/kinesis-video/server.ts';
import type { StoredFragment } from '../../local/standins/kinesis-video/stream.ts';
import { Stream } from '../../local/standins/kinesis-video/stream.ts';
import { PASS, type Proxy, startProxy } from '../../local/standins/proxy.ts';
import {
  BUCKET,
  deployment,
  listenerEnvironment,
  type LocalSettings,
  STREAM_ARN,
  STREAM_NAME,
} from '../../local/system/deployment.ts';
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { callsIn, checkpointsIn, transcriptsIn } from '../../ports/table/dynamodb-table.ts';
import { TableTranscripts } from '../../ports/transcripts/table-transcripts.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import { CONTACT_ID } from './call.ts';
import { type ObjectStore, type ObjectStoreOptions, startObjectStore } from './object-store.ts';
import { ROOT } from './program.ts';

export interface BenchWorld {
  /** The first of {@link BenchWorldOptions.streams}. */
  readonly stream: Stream;
  readonly kinesisVideo: KinesisVideoStandin;
  readonly connect: ConnectStandin;
  readonly store: ObjectStore;
  readonly tables: TableNames;
  readonly calls: TableCalls;
  readonly checkpoints: TableCheckpoints;
  readonly transcripts: TableTranscripts;
  /** The environment of the task, and of the assembly, but for what names the recording. */
  readonly environment: (program: 'task' | 'assemble', settings?: LocalSettings) => Record<string, string>;
  /** That of a listener. @param variables of its sinks */
  readonly listenerEnvironment: (
    recording: Recording,
    feedSocket: string,
    variables: Readonly<Record<string, string>>,
  ) => Record<string, string>;
  close(): Promise<void>;
}

export const EXECUTION_ARN = 'arn:aws:states:us-east-1:123456789012:execution:callspool-recording:bench';

export interface BenchWorldOptions extends ObjectStoreOptions {
  /** Default: one. */
  readonly streams?: readonly Stream[];
  /** Hears of every request to DynamoDB, by `PutItem` and so on. */
  readonly onDynamoDbRequest?: (operation: string) => void;
  /** Hears of every request to Kinesis Video. */
  readonly onMediaRequest?: (operation: string) => void;
}

/** @param suffix of its name, where there are several */
export function newStream(suffix = ''): Stream {
  const name = STREAM_NAME + suffix;
  return new Stream({ name, arn: STREAM_ARN.replace(STREAM_NAME, name), retentionHours: 48 });
}

export async function startWorld(options: BenchWorldOptions = {}): Promise<BenchWorld> {
  const streams = options.streams ?? [newStream()];
  const [stream] = streams;
  if (!stream) throw new Error('a world has a stream');
  // Measuring opens sessions faster than calls do.
  const kinesisVideo = await startKinesisVideo({
    streams,
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
  const counting =
    options.onDynamoDbRequest && (await countDynamoDb(dynamoDbStandin.url, options.onDynamoDbRequest));
  const endpoints = {
    KINESIS_VIDEO: kinesisVideo.url,
    CONNECT: connect.url,
    S3: store.url,
    DYNAMODB: counting?.url ?? dynamoDbStandin.url,
    EVENTBRIDGE: eventBridge.url,
  };
  return {
    stream,
    kinesisVideo,
    connect,
    store,
    tables,
    calls: new TableCalls(callsIn(dynamoDb, tables.calls)),
    checkpoints: new TableCheckpoints(checkpointsIn(dynamoDb, tables.checkpoints), systemClock),
    transcripts: new TableTranscripts(transcriptsIn(dynamoDb, tables.transcripts)),
    environment: (program, settings = {}) => {
      const { task, functions } = deployment(endpoints, tables, settings, 5_000);
      const assemble = functions.find(({ name }) => name === 'assemble');
      return program === 'task'
        ? { ...imageEnvironment(), ...task.environment }
        : { ...assemble?.environment };
    },
    listenerEnvironment: (recording, feedSocket, variables) => ({
      ...imageEnvironment(),
      ...listenerEnvironment(endpoints, tables, recording, feedSocket, variables),
    }),
    close: async () => {
      dynamoDb.destroy();
      await Promise.all([
        kinesisVideo.close(),
        connect.close(),
        store.close(),
        eventBridge.close(),
        counting?.close(),
        dynamoDbStandin.close(),
      ]);
    },
  };
}

/** What the task's image sets. */
function imageEnvironment(): Record<string, string> {
  const dockerfile = readFileSync(join(ROOT, 'task/Dockerfile'), 'utf8');
  return Object.fromEntries(
    [...dockerfile.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** Between the programs and DynamoDB. */
function countDynamoDb(target: string, onRequest: (operation: string) => void): Promise<Proxy> {
  return startProxy(target, {
    request: ({ headers }) => {
      onRequest(String(headers['x-amz-target']).split('.')[1] ?? 'unknown');
      return PASS;
    },
  });
}

export interface Call {
  /** Default: the world's only one. */
  readonly streamArn?: string;
  readonly recording: Recording;
  readonly startedAtMs: number;
  readonly fragments: readonly StoredFragment[];
}

export function callOfFragments(fragments: readonly StoredFragment[], contactId = CONTACT_ID): Call {
  const [first] = fragments;
  if (!first) throw new Error('a call has fragments');
  return {
    recording: { contactId, startFragmentNumber: first.number },
    startedAtMs: first.serverTimestampMs,
    fragments,
  };
}

/** The record that the connect Lambda makes; `over`: the contact event has come, too. */
export async function register(world: BenchWorld, call: Call, over: boolean): Promise<void> {
  const { recording, startedAtMs, streamArn = STREAM_ARN } = call;
  const startedAt = new Date(startedAtMs).toISOString();
  await world.calls.create({
    contactId: recording.contactId,
    startFragmentNumber: recording.startFragmentNumber.toString(),
    recordingId: recordingId(recording),
    status: 'RECORDING',
    executionArn: EXECUTION_ARN,
    streamArn,
    startedAt,
    day: startedAt.slice(0, 10),
    instanceArn: INSTANCE_ARN,
  });
  if (over) await disconnect(world, call);
}

async function disconnect({ calls }: BenchWorld, { recording, fragments, startedAtMs }: Call): Promise<void> {
  const at = new Date((fragments.at(-1)?.serverTimestampMs ?? startedAtMs) + 1_000).toISOString();
  await calls.learn(
    recording,
    { disconnectedAt: at, connectedToAgentAt: at, agent: { arn: 'a' }, queue: { arn: 'q' } },
    at,
  );
}

/** What the workflow sets for one task. */
export function runVariables({
  recording,
  startedAtMs,
  streamArn = STREAM_ARN,
}: Call): Record<string, string> {
  return {
    [RUN_VARIABLES.contactId]: recording.contactId,
    [RUN_VARIABLES.startFragmentNumber]: recording.startFragmentNumber.toString(),
    [RUN_VARIABLES.streamArn]: streamArn,
    [RUN_VARIABLES.startedAt]: new Date(startedAtMs).toISOString(),
    [RUN_VARIABLES.instanceArn]: INSTANCE_ARN,
    [RUN_VARIABLES.executionArn]: EXECUTION_ARN,
  };
}

export { BUCKET };
