/**
 * The whole system on this machine: every service's stand-in, the functions and the task as they are deployed, and
 * the workflow between them. Only the AWS SDK's clients talk to the stand-ins.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { checkpointsIn } from '../../ports/table/dynamodb-table.ts';
import type { FurtherFormatName } from '../../recording/audio/files/formats.ts';
import type { TranscriptSource } from '../../recording/transcript/segment.ts';
import { type ConnectStandin, startConnect } from '../standins/connect.ts';
import { INSTANCE_ARN } from '../standins/connect-events.ts';
import { createTables, startDynamoDb, type TableNames } from '../standins/dynamodb.ts';
import { type Ecs, newEcs } from '../standins/ecs.ts';
import { clientConfig, type Endpoints } from '../standins/environment.ts';
import { type EventBridgeStandin, startEventBridge } from '../standins/event-bridge.ts';
import type { ExecutionEvent } from '../standins/execution.ts';
import {
  type KinesisVideoOptions,
  type KinesisVideoStandin,
  startKinesisVideo,
} from '../standins/kinesis-video/server.ts';
import { Stream } from '../standins/kinesis-video/stream.ts';
import { type LambdaStandin, startLambda } from '../standins/lambda.ts';
import { openLogs } from '../standins/logs.ts';
import { type Hooks, PASS, type ProxiedRequest, type Proxy, startProxy } from '../standins/proxy.ts';
import { startS3 } from '../standins/s3.ts';
import { startStepFunctions, type StepFunctionsStandin } from '../standins/step-functions.ts';
import { startTranscribe, type TranscribeOptions } from '../standins/transcribe/server.ts';
import { type CheckpointListener, watchCheckpoints } from './checkpoint-watch.ts';
import {
  askingByFunction,
  BUCKET,
  deployment,
  type LocalSettings,
  STATE_MACHINE_ARN,
  STREAM_ARN,
  STREAM_NAME,
  TABLE_PREFIX,
} from './deployment.ts';
import { resources } from './resources.ts';

export interface SystemOptions {
  /** The programs' logs go there. */
  readonly logsDir: string;
  readonly settings?: LocalSettings;
  /** In which recordings are written beside the WAV. Default: none. */
  readonly formats?: readonly FurtherFormatName[];
  /** How long Step Functions waits before a retry; without it, as long as the workflow says. */
  readonly retryMs?: number;
  /** How long a task that is told to stop has to leave by itself. Default: 5 s. */
  readonly stopTimeoutMs?: number;
  /** How long the stream keeps what came. Default: 24. */
  readonly retentionHours?: number;
  /** How long a stream without retention keeps what came. Default: as long as the service does. */
  readonly bufferMs?: number;
  readonly kinesisVideo?: Omit<KinesisVideoOptions, 'streams'>;
  /** Where a task feeds whoever listens; without it, it feeds nobody. */
  readonly feedSocket?: string;
  /** Variables of its sinks: a listener is deployed, and calls are listened to. Its sockets are its task’s own. */
  readonly liveSinks?: Readonly<Record<string, string>>;
  /** That listener has a task of its own, and hears calls from the tape. */
  readonly listenersApart?: boolean;
  /** Tasks ask Connect by the function that does it for those without IPv4. Default: they ask it themselves. */
  readonly asksByFunction?: boolean;
  /** Of Transcribe’s stand-in; without it, there is none. */
  readonly transcribe?: TranscribeOptions;
  /** Whose words are preferred; without it, whose the assembly prefers. */
  readonly transcriptSource?: TranscriptSource | undefined;
  /** What goes wrong between the programs and a service. */
  readonly faults?: { readonly dynamoDb?: Hooks; readonly s3?: Hooks; readonly kinesisVideo?: Hooks };
  readonly onExecutionEvent?: (event: ExecutionEvent) => void;
  /** Shown whatever the programs, and whoever else asks at {@link System.endpoints}, ask of any service. */
  readonly onRequest?: (request: ProxiedRequest) => void;
}

export interface System {
  readonly stream: Stream;
  readonly kinesisVideo: KinesisVideoStandin;
  readonly connect: ConnectStandin;
  readonly eventBridge: EventBridgeStandin;
  readonly stepFunctions: StepFunctionsStandin;
  readonly lambda: LambdaStandin;
  readonly ecs: Ecs;
  /** Clients of this process; they pass the faults by. */
  readonly dynamoDb: DynamoDBClient;
  readonly s3: S3Client;
  readonly tables: TableNames;
  readonly bucket: string;
  /** The addresses that the programs use, by what follows `AWS_ENDPOINT_URL_`. */
  readonly endpoints: Endpoints;
  /** What stands between the programs and a service: where faults are asked for, and before DynamoDB always. */
  readonly proxies: Readonly<Partial<Record<'dynamoDb' | 's3' | 'kinesisVideo', Proxy>>>;
  readonly logsDir: string;
  /** A log of a program that runs beside the others. */
  openLog(name: string): NodeJS.WritableStream;
  /** @returns what takes the listener away again. */
  onCheckpoint(listener: CheckpointListener): () => void;
  /** Stops every execution, ends every task and function, and frees every port. */
  close(): Promise<void>;
}

const STOP_TIMEOUT_MS = 5_000;
const RETENTION_HOURS = 24;

/** Needs the programs to be built. @throws when a stand-in can't be started; nothing is left behind then. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    // The last that was started is the first to go; one that fails doesn't keep the others from closing.
    const failures: unknown[] = [];
    for (const closer of closers.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed');
  };
  try {
    return { ...(await start(options, (closer) => closers.push(closer))), close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

/** Takes what is to be called when the system closes. */
type OnClose = (closer: () => unknown) => void;

async function start(options: SystemOptions, onClose: OnClose): Promise<Omit<System, 'close'>> {
  const logs = await openLogs(options.logsDir);
  onClose(() => logs.close());
  const listeners = new Set<CheckpointListener>();
  const storage = await startStorage(options, listeners, onClose);
  const services = await startServices(options, onClose);
  const endpoints = { ...storage.endpoints, ...services.endpoints };
  const { stepFunctions } = services;

  const stopTimeoutMs = options.stopTimeoutMs ?? STOP_TIMEOUT_MS;
  const { settings = {}, formats, feedSocket, liveSinks: sinks, transcriptSource } = options;
  const listening = { feedSocket, sinks, apart: options.listenersApart, transcriptSource };
  const deployed = deployment(endpoints, storage.tables, settings, stopTimeoutMs, formats, listening);
  const lambda = await startLambda(deployed.functions, logs);
  onClose(() => lambda.close());
  const tasks = [deployed.task, deployed.liveTask ?? [], deployed.listenTask ?? []].flat();
  const asking = options.asksByFunction === true;
  const ecs = newEcs(asking ? tasks.map((task) => askingByFunction(task, lambda.url)) : tasks, logs);
  onClose(() => ecs.close());
  stepFunctions.createStateMachine({
    stateMachineArn: STATE_MACHINE_ARN,
    definition: deployed.workflow,
    resources: resources(ecs, lambda, storage.dynamoDb),
    ...(options.retryMs !== undefined && { retryMs: options.retryMs }),
    ...(options.onExecutionEvent && { onEvent: options.onExecutionEvent }),
  });
  // Before the tasks are ended, so that none is started anew.
  onClose(() => {
    for (const execution of stepFunctions.executions()) execution.abort();
  });
  return {
    ...services,
    ...storage,
    lambda,
    ecs,
    endpoints: { ...endpoints, LAMBDA: lambda.url },
    proxies: { ...storage.proxies, ...services.proxies },
    bucket: BUCKET,
    logsDir: options.logsDir,
    openLog: (name) => logs.open(name),
    onCheckpoint: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** DynamoDB, always behind a proxy that shows the checkpoints, and S3, behind one where something is to go wrong. */
async function startStorage(
  { faults, onRequest }: SystemOptions,
  listeners: ReadonlySet<CheckpointListener>,
  onClose: OnClose,
) {
  const dynamoDbStandin = await startDynamoDb();
  onClose(() => dynamoDbStandin.close());
  const dynamoDb = new DynamoDBClient(clientConfig(dynamoDbStandin.url));
  onClose(() => {
    dynamoDb.destroy();
  });
  const tables = await createTables(dynamoDb, TABLE_PREFIX);
  const checkpoints = new TableCheckpoints(checkpointsIn(dynamoDb, tables.checkpoints), systemClock);
  const watch = watchCheckpoints(
    tables.checkpoints,
    (recordingId) => checkpoints.read(recordingId),
    async (checkpoint) => {
      for (const listener of listeners) await listener(checkpoint);
    },
    shown(faults?.dynamoDb, onRequest),
  );
  const dynamoDbProxy = await startProxy(dynamoDbStandin.url, watch);
  onClose(() => dynamoDbProxy.close());

  const s3Standin = await startS3();
  onClose(() => s3Standin.close());
  await s3Standin.createBucket(BUCKET);
  const s3 = new S3Client(clientConfig(s3Standin.url));
  onClose(() => {
    s3.destroy();
  });
  const s3Proxy = await inFrontOf(s3Standin.url, shown(faults?.s3, onRequest), onClose);
  return {
    dynamoDb,
    s3,
    tables,
    endpoints: { DYNAMODB: dynamoDbProxy.url, S3: s3Proxy?.url ?? s3Standin.url },
    proxies: { dynamoDb: dynamoDbProxy, ...(s3Proxy && { s3: s3Proxy }) },
  };
}

/** @returns undefined where nothing is to go wrong, and nobody to see. */
function shown(faults: Hooks | undefined, onRequest: SystemOptions['onRequest']): Hooks | undefined {
  if (onRequest === undefined) return faults;
  return {
    ...faults,
    request: (request) => {
      onRequest(request);
      return faults?.request?.(request) ?? PASS;
    },
  };
}

/** @returns undefined where nothing is to go wrong. */
async function inFrontOf(
  target: string,
  hooks: Hooks | undefined,
  onClose: OnClose,
): Promise<Proxy | undefined> {
  if (hooks === undefined) return undefined;
  const proxy = await startProxy(target, hooks);
  onClose(() => proxy.close());
  return proxy;
}

async function startServices(options: SystemOptions, onClose: OnClose) {
  const stream = new Stream({
    name: STREAM_NAME,
    arn: STREAM_ARN,
    retentionHours: options.retentionHours ?? RETENTION_HOURS,
    ...(options.bufferMs !== undefined && { bufferMs: options.bufferMs }),
  });
  const kinesisVideo = await startKinesisVideo({ ...options.kinesisVideo, streams: [stream] });
  onClose(() => kinesisVideo.close());
  const proxy = await inFrontOf(
    kinesisVideo.url,
    shown(options.faults?.kinesisVideo, options.onRequest),
    onClose,
  );
  const connect = await startConnect(INSTANCE_ARN);
  onClose(() => connect.close());
  const eventBridge = await startEventBridge();
  onClose(() => eventBridge.close());
  const transcribe = options.transcribe && (await startTranscribe(options.transcribe));
  onClose(() => transcribe?.close());
  const stepFunctions = await startStepFunctions();
  onClose(() => stepFunctions.close());
  const watched = async ({ url }: { readonly url: string }) =>
    (await inFrontOf(url, shown(undefined, options.onRequest), onClose))?.url ?? url;
  return {
    stream,
    kinesisVideo,
    connect,
    eventBridge,
    stepFunctions,
    proxies: proxy ? { kinesisVideo: proxy } : {},
    endpoints: {
      KINESIS_VIDEO: proxy?.url ?? kinesisVideo.url,
      CONNECT: await watched(connect),
      EVENTBRIDGE: await watched(eventBridge),
      SFN: await watched(stepFunctions),
      // It speaks HTTP/2, which what shows requests doesn’t.
      ...(transcribe && { TRANSCRIBE_STREAMING: transcribe.url }),
    },
  };
}
