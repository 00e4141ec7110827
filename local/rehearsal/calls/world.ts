/**
 * What runs calls in a rehearsal: the stream and its stand-ins, which outlive deployments, and the programs as
 * Terraform has deployed them: environment, code, workflow and names from its state.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { unzipSync } from 'fflate';
import { LISTENER_CONTAINER } from '../../../contract/names.ts';
import { TableCheckpoints } from '../../../ports/checkpoints/table-checkpoints.ts';
import { systemClock } from '../../../ports/runtime/clock.ts';
import { checkpointsIn } from '../../../ports/table/dynamodb-table.ts';
import { startConnect } from '../../standins/connect.ts';
import { INSTANCE_ARN } from '../../standins/connect-events.ts';
import { newEcs, type TaskDefinition } from '../../standins/ecs.ts';
import { clientConfig, programEnvironment } from '../../standins/environment.ts';
import { startEventBridge } from '../../standins/event-bridge.ts';
import { startKinesisVideo } from '../../standins/kinesis-video/server.ts';
import { Stream } from '../../standins/kinesis-video/stream.ts';
import { startLambda } from '../../standins/lambda.ts';
import { openLogs } from '../../standins/logs.ts';
import { startProxy } from '../../standins/proxy.ts';
import { startStepFunctions } from '../../standins/step-functions.ts';
import { type CheckpointListener, watchCheckpoints } from '../../system/checkpoint-watch.ts';
import { STREAM_ARN, STREAM_NAME } from '../../system/deployment.ts';
import { resources } from '../../system/resources.ts';
import type { System } from '../../system/system.ts';
import type { Behind, Front } from '../endpoint/front.ts';
import { awsEnvironment } from '../stack/workspace.ts';
import { functionsOf, type Programs, tasksOf } from './programs.ts';
import type { Applied, AppliedFunction, AppliedTask } from './state.ts';
import { startWords, wordsEnvironment } from './words.ts';

const RETENTION_HOURS = 24;
const STOP_TIMEOUT_MS = 5_000;
/** Step Functions waits longer; a rehearsal needn't. */
const RETRY_MS = 200;

export interface Services {
  readonly stream: Stream;
  /** Connect gives each call that is under way a stream of its own. */
  newStream(): Stream;
  readonly kinesisVideo: Awaited<ReturnType<typeof startKinesisVideo>>;
  readonly connect: Awaited<ReturnType<typeof startConnect>>;
  readonly eventBridge: Awaited<ReturnType<typeof startEventBridge>>;
  readonly stepFunctions: Awaited<ReturnType<typeof startStepFunctions>>;
  readonly words: Awaited<ReturnType<typeof startWords>>;
  readonly behind: Behind;
  /** What executions run, of whichever deployment they are. */
  readonly programs: Programs;
  close(): Promise<void>;
}

/** What stays while deployments come and go: the instance, its stream, executions. */
export async function startServices(): Promise<Services> {
  const streams: Stream[] = [];
  const newStream = () => {
    const nth = (arnOrName: string) => arnOrName.replace(/contact-1/, `contact-${streams.length + 1}`);
    const stream = new Stream({
      name: nth(STREAM_NAME),
      arn: nth(STREAM_ARN),
      retentionHours: RETENTION_HOURS,
    });
    streams.push(stream);
    return stream;
  };
  const stream = newStream();
  const [kinesisVideo, connect, eventBridge, stepFunctions, words] = await Promise.all([
    startKinesisVideo({ streams }),
    startConnect(INSTANCE_ARN),
    startEventBridge(),
    startStepFunctions(),
    startWords(),
  ]);
  return {
    stream,
    newStream,
    kinesisVideo,
    connect,
    eventBridge,
    stepFunctions,
    words,
    programs: { tasks: new Map(), lambda: undefined },
    behind: {
      connect: connect.url,
      kinesisVideo: kinesisVideo.url,
      eventBridge: eventBridge.url,
      stepFunctions: stepFunctions.url,
    },
    close: async () => {
      for (const standin of [words, stepFunctions, eventBridge, connect, kinesisVideo]) await standin.close();
    },
  };
}

export interface DeployedOptions {
  readonly front: Front;
  readonly services: Services;
  readonly applied: Applied;
  /** Where Terraform runs. */
  readonly stackDir: string;
  /** A folder of its own, for the programs and their logs. */
  readonly dir: string;
  /** The files that the task's image runs. */
  readonly taskProgram: string;
  readonly listenerProgram: string;
}

/** The programs as they are deployed now, ready for calls. Its `close` ends tasks and functions, not the services. */
export async function runDeployed(options: DeployedOptions): Promise<System> {
  const { front, services, applied } = options;
  const logsDir = join(options.dir, 'logs');
  const logs = await openLogs(logsDir);
  const dynamoDb = new DynamoDBClient(clientConfig(front.url));
  const s3 = new S3Client(clientConfig(front.url));
  const listeners = new Set<CheckpointListener>();
  const watched = await watchedDynamoDb(front.url, applied, dynamoDb, listeners);
  const lambda = await startLambda(
    applied.functions.map((one) => definitionOf(one, options, watched.url)),
    logs,
  );
  const tasks = [applied.task, applied.liveTask ?? [], applied.listenTask ?? []].flat();
  const ecs = newEcs(
    tasks.map((task) => taskDefinitionOf(task, options, watched.url)),
    logs,
  );
  services.stepFunctions.createStateMachine({
    stateMachineArn: applied.stateMachine.arn,
    definition: applied.stateMachine.definition,
    resources: resources(
      tasksOf(services.programs, ecs, front.subnets),
      functionsOf(services.programs, lambda),
      dynamoDb,
    ),
    retryMs: RETRY_MS,
  });
  for (const { arn } of tasks) services.programs.tasks.set(arn, ecs);
  services.programs.lambda = lambda;
  front.put({ ...services.behind, lambda: lambda.url });
  return {
    ...services,
    lambda,
    ecs,
    dynamoDb,
    s3,
    tables: applied.tables,
    bucket: applied.bucket,
    endpoints: {},
    proxies: { dynamoDb: watched },
    logsDir,
    openLog: (name) => logs.open(name),
    onCheckpoint: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      // Another deployment may have taken its place.
      if (services.programs.lambda === lambda) front.put(services.behind);
      await ecs.close();
      await lambda.close();
      await watched.close();
      dynamoDb.destroy();
      s3.destroy();
      await logs.close();
    },
  };
}

/** In front of the front: it shows checkpoints as they are written. */
function watchedDynamoDb(
  url: string,
  { tables }: Applied,
  dynamoDb: DynamoDBClient,
  listeners: ReadonlySet<CheckpointListener>,
) {
  const checkpoints = new TableCheckpoints(checkpointsIn(dynamoDb, tables.checkpoints), systemClock);
  return startProxy(
    url,
    watchCheckpoints(
      tables.checkpoints,
      (recordingId) => checkpoints.read(recordingId),
      async (checkpoint) => {
        for (const listener of listeners) await listener(checkpoint);
      },
    ),
  );
}

/** A container of the deployer's own isn't run: its image is theirs. */
function taskDefinitionOf(
  { arn, containerName, environment, beside }: AppliedTask,
  options: DeployedOptions,
  dynamoDbUrl: string,
): TaskDefinition {
  // It has a role of its own then.
  const listens = containerName === LISTENER_CONTAINER;
  const container = (name: string, program: string, variables: Readonly<Record<string, string>>) => ({
    containerName: name,
    program,
    environment: environmentFor(options, listens ? 'listener' : 'task', dynamoDbUrl, variables),
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
  const listener = beside.find((one) => one.containerName === LISTENER_CONTAINER);
  const ofWords = listener && wordsEnvironment(options.services.words, listener.environment);
  return {
    arn,
    ...container(containerName, listens ? options.listenerProgram : options.taskProgram, environment),
    ...(listener && {
      beside: [
        container(LISTENER_CONTAINER, options.listenerProgram, { ...listener.environment, ...ofWords }),
      ],
    }),
  };
}

function definitionOf(one: AppliedFunction, options: DeployedOptions, dynamoDbUrl: string) {
  const { name, arn, functionName, timeoutMs } = one;
  return {
    name,
    arn,
    program: unpacked(one, options),
    environment: environmentFor(options, name, dynamoDbUrl, {
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      ...one.environment,
    }),
    timeoutMs,
  };
}

/** The code that Terraform uploaded. */
function unpacked({ name, zip }: AppliedFunction, { dir, stackDir }: DeployedOptions): string {
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true });
  const path = isAbsolute(zip) ? zip : join(stackDir, zip);
  for (const [file, bytes] of Object.entries(unzipSync(readFileSync(path)))) {
    writeFileSync(join(folder, file), bytes);
  }
  return join(folder, 'index.mjs');
}

/**
 * Every program asks as itself, so that the record can tell who asked for what. Which of AWS's names it asks is left out:
 * there is one endpoint for all, and the SDK takes no endpoint together with names that have IPv6.
 */
function environmentFor(
  { front }: DeployedOptions,
  who: string,
  dynamoDbUrl: string,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  const { AWS_USE_DUALSTACK_ENDPOINT: _, ...deployed } = variables;
  return programEnvironment({ DYNAMODB: dynamoDbUrl }, { ...awsEnvironment(front.url, who), ...deployed });
}
