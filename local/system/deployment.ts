/** What the stack would deploy, for this machine: names, programs, their settings and the workflow. */
import { join } from 'node:path';
import { apartWorkflow } from '../../contract/apart-workflow.ts';
import { LIMITS } from '../../contract/limits.ts';
import {
  ASKS_CONNECT,
  CONTAINER,
  type FunctionName,
  LISTENER_CONTAINER,
  LIVE_SOCKETS,
  namesIn,
} from '../../contract/names.ts';
import { longestRunSeconds, type WorkflowOptions } from '../../contract/record-states.ts';
import {
  ASKS_CONNECT_VARIABLES,
  ASSEMBLE_NODE_OPTIONS,
  ASSEMBLE_VARIABLES,
  CONNECT_VARIABLES,
  CONTACT_EVENT_VARIABLES,
  LIVE_VARIABLES,
  RESUME_VARIABLES,
  RUN_VARIABLES,
  TASK_VARIABLES,
  TRANSCRIPT_VARIABLES,
} from '../../contract/variables.ts';
import { workflow } from '../../contract/workflow.ts';
import type { FurtherFormatName } from '../../recording/audio/files/formats.ts';
import type { Recording } from '../../recording/identity.ts';
import type { TranscriptSource } from '../../recording/transcript/segment.ts';
import { INSTANCE_ARN } from '../standins/connect-events.ts';
import type { TableNames } from '../standins/dynamodb.ts';
import type { TaskDefinition } from '../standins/ecs.ts';
import { ACCOUNT, type Endpoints, programEnvironment, REGION } from '../standins/environment.ts';
import type { FunctionDefinition } from '../standins/function-pool.ts';

const ROOT = join(import.meta.dirname, '../..');
const DEPLOYMENT = 'callspool';
const NAMES = namesIn(DEPLOYMENT);
const PREFIX = `${DEPLOYMENT}-`;

export const TABLE_PREFIX = PREFIX;
export const BUCKET = `${PREFIX}recordings`;
export const STREAM_NAME = `${PREFIX}connect-local-contact-1`;
export const STREAM_ARN = `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:stream/${STREAM_NAME}/1700000000000`;
export const STATE_MACHINE_ARN = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${PREFIX}recording`;
const TASK_DEFINITION_ARN = `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/${PREFIX}recorder:1`;

const LIVE_TASK_DEFINITION_ARN = TASK_DEFINITION_ARN.replace(/recorder:1$/, 'live-recorder:1');
const LISTEN_TASK_DEFINITION_ARN = TASK_DEFINITION_ARN.replace(/recorder:1$/, 'listener:1');

/** What a user of the stack chooses; see {@link LIMITS}. */
export interface LocalSettings {
  readonly segmentSeconds?: number;
  readonly idleTimeoutSeconds?: number;
  readonly longestCallSeconds?: number;
  readonly graceSeconds?: number;
}

/** Who listens while people talk. */
export interface Listening {
  /** Where every task feeds whoever listens, as programs beside the system do. */
  readonly feedSocket?: string | undefined;
  /** A listener is deployed, as the stack deploys it, with these variables of its sinks. */
  readonly sinks?: Readonly<Record<string, string>> | undefined;
  /** It has a task of its own, and hears calls from the tape. */
  readonly apart?: boolean | undefined;
  /** Whose words are preferred. */
  readonly transcriptSource?: TranscriptSource | undefined;
}

export interface LocalDeployment {
  readonly task: TaskDefinition;
  /** With a listener beside the recorder, where one is deployed. */
  readonly liveTask: TaskDefinition | undefined;
  /** Of a listener by itself, where one is deployed so. */
  readonly listenTask: TaskDefinition | undefined;
  readonly functions: readonly FunctionDefinition[];
  /** Amazon States Language, as JSON. */
  readonly workflow: string;
}

export function functionArn(name: FunctionName): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${NAMES.function(name)}`;
}

/**
 * @param stopTimeoutMs how long a task that is told to stop has to leave by itself
 * @param formats beside the WAV
 */
export function deployment(
  endpoints: Endpoints,
  tables: TableNames,
  settings: LocalSettings,
  stopTimeoutMs: number,
  formats: readonly FurtherFormatName[] = [],
  { feedSocket, sinks, apart = false, transcriptSource }: Listening = {},
): LocalDeployment {
  const longestCallSeconds = settings.longestCallSeconds ?? LIMITS.longestCallSeconds.default;
  const recorder = (arn: string, feed: string | undefined): TaskDefinition => ({
    arn,
    containerName: CONTAINER,
    program: join(ROOT, 'dist/task/index.mjs'),
    environment: programEnvironment(endpoints, {
      ...asItself('task'),
      ...taskVariables(tables, settings),
      ...(feed !== undefined && { [LIVE_VARIABLES.feedSocket]: feed }),
    }),
    stopTimeoutMs,
  });
  const listener = (variables: Readonly<Record<string, string>>) => ({
    containerName: LISTENER_CONTAINER,
    program: LIVE_PROGRAM,
    environment: programEnvironment(endpoints, {
      ...asItself(apart ? 'listener' : 'task'),
      ...listenerVariables(tables, apart ? undefined : LIVE_SOCKETS.feed),
      ...(apart && { [LIVE_VARIABLES.longestSeconds]: String(longestRunSeconds({ longestCallSeconds })) }),
      ...variables,
    }),
    stopTimeoutMs,
  });
  const definition = (options: WorkflowOptions) =>
    sinks && apart
      ? apartWorkflow(options, {
          taskDefinitionArn: LISTEN_TASK_DEFINITION_ARN,
          containerName: LISTENER_CONTAINER,
        })
      : workflow(options);
  const choosesListeners = feedSocket !== undefined || sinks !== undefined;
  return {
    task: recorder(TASK_DEFINITION_ARN, feedSocket),
    liveTask:
      sinks && !apart
        ? { ...recorder(LIVE_TASK_DEFINITION_ARN, LIVE_SOCKETS.feed), beside: [listener(sinks)] }
        : undefined,
    listenTask: sinks && apart ? { arn: LISTEN_TASK_DEFINITION_ARN, ...listener(sinks) } : undefined,
    functions: functions(endpoints, tables, formats, choosesListeners, transcriptSource),
    workflow: JSON.stringify(
      definition({
        clusterArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/${PREFIX}recorder`,
        taskDefinitionArn: TASK_DEFINITION_ARN,
        containerName: CONTAINER,
        subnetIds: ['subnet-00000000000000001'],
        securityGroupIds: ['sg-00000000000000001'],
        assignPublicIp: false,
        assembleFunctionArn: functionArn('assemble'),
        callsTableName: tables.calls,
        spot: true,
        longestCallSeconds,
        ...(sinks &&
          !apart && {
            live: {
              taskDefinitionArn: LIVE_TASK_DEFINITION_ARN,
              containerNames: [CONTAINER, LISTENER_CONTAINER],
              checkpointsTableName: tables.checkpoints,
            },
          }),
      }),
    ),
  };
}

/** The task as it is where it can't reach Connect. @param lambdaUrl of the function that asks it */
export function askingByFunction(task: TaskDefinition, lambdaUrl: string): TaskDefinition {
  const variables = {
    AWS_ENDPOINT_URL_LAMBDA: lambdaUrl,
    [TASK_VARIABLES.asksConnect]: functionArn(ASKS_CONNECT),
  };
  return { ...task, environment: { ...task.environment, ...variables } };
}

export const LIVE_PROGRAM = join(ROOT, 'dist/live/index.mjs');

/** What a listener of one recording is configured with. @param variables of its sinks */
export function listenerEnvironment(
  endpoints: Endpoints,
  tables: TableNames,
  recording: Recording,
  feedSocket: string,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  return programEnvironment(endpoints, {
    ...listenerVariables(tables, feedSocket),
    [RUN_VARIABLES.instanceArn]: INSTANCE_ARN,
    [RUN_VARIABLES.contactId]: recording.contactId,
    [RUN_VARIABLES.startFragmentNumber]: recording.startFragmentNumber.toString(),
    ...variables,
  });
}

function listenerVariables(tables: TableNames, feedSocket: string | undefined): Record<string, string> {
  return {
    [LIVE_VARIABLES.bucket]: BUCKET,
    [LIVE_VARIABLES.checkpointsTable]: tables.checkpoints,
    ...(tables.transcripts !== undefined && { [LIVE_VARIABLES.transcriptsTable]: tables.transcripts }),
    [LIVE_VARIABLES.service]: DEPLOYMENT,
    ...(feedSocket !== undefined && { [LIVE_VARIABLES.feedSocket]: feedSocket }),
    [LIVE_VARIABLES.callsTable]: tables.calls,
    [LIVE_VARIABLES.keepPhoneNumbers]: 'true',
    [LIVE_VARIABLES.keepAttributes]: 'true',
  };
}

/** A key of its own for each program, so that a request tells whose it is: the signature names the key. */
const asItself = (program: string) => ({ AWS_ACCESS_KEY_ID: program });

function taskVariables(tables: TableNames, settings: LocalSettings): Record<string, string> {
  const chosen = Object.entries(settings).filter((entry): entry is [keyof LocalSettings, number] => {
    return entry[1] !== undefined;
  });
  return {
    [TASK_VARIABLES.bucket]: BUCKET,
    [TASK_VARIABLES.checkpointsTable]: tables.checkpoints,
    [TASK_VARIABLES.callsTable]: tables.calls,
    [TASK_VARIABLES.service]: DEPLOYMENT,
    ...Object.fromEntries(chosen.map(([name, value]) => [TASK_VARIABLES[name], String(value)])),
  };
}

function functions(
  endpoints: Endpoints,
  tables: TableNames,
  formats: readonly FurtherFormatName[],
  choosesListeners: boolean,
  transcriptSource: TranscriptSource | undefined,
): FunctionDefinition[] {
  const define = (name: FunctionName, timeoutSeconds: number, variables: Record<string, string>) => ({
    name,
    arn: functionArn(name),
    program: join(ROOT, `dist/functions/${name}/index.mjs`),
    environment: programEnvironment(endpoints, {
      ...asItself(name),
      AWS_LAMBDA_FUNCTION_NAME: NAMES.function(name),
      [TASK_VARIABLES.service]: DEPLOYMENT,
      ...variables,
    }),
    timeoutMs: timeoutSeconds * 1000,
  });
  return [
    define('connect', 8, {
      [CONNECT_VARIABLES.callsTable]: tables.calls,
      [CONNECT_VARIABLES.checkpointsTable]: tables.checkpoints,
      [CONNECT_VARIABLES.stateMachineArn]: STATE_MACHINE_ARN,
      [CONNECT_VARIABLES.instanceArn]: INSTANCE_ARN,
      [CONNECT_VARIABLES.keepPhoneNumbers]: 'true',
      [CONNECT_VARIABLES.keepAttributes]: 'true',
      ...(choosesListeners && { [CONNECT_VARIABLES.live]: 'on' }),
    }),
    define('contact-event', 60, { [CONTACT_EVENT_VARIABLES.callsTable]: tables.calls }),
    define('assemble', 900, {
      [ASSEMBLE_VARIABLES.bucket]: BUCKET,
      [ASSEMBLE_VARIABLES.checkpointsTable]: tables.checkpoints,
      [ASSEMBLE_VARIABLES.callsTable]: tables.calls,
      [ASSEMBLE_VARIABLES.eventBus]: 'default',
      ...(tables.transcripts !== undefined && { [TRANSCRIPT_VARIABLES.table]: tables.transcripts }),
      ...(transcriptSource !== undefined && { [TRANSCRIPT_VARIABLES.source]: transcriptSource }),
      ...Object.fromEntries(formats.map((name) => [ASSEMBLE_VARIABLES[name], 'true'])),
      [ASSEMBLE_VARIABLES.nodeOptions]: ASSEMBLE_NODE_OPTIONS,
    }),
    // Invoked by a task that is told to.
    define(ASKS_CONNECT, 6, { [ASKS_CONNECT_VARIABLES.instanceArn]: INSTANCE_ARN }),
    // No schedule invokes it here.
    define('resume', 300, {
      [RESUME_VARIABLES.bucket]: BUCKET,
      [RESUME_VARIABLES.checkpointsTable]: tables.checkpoints,
      [RESUME_VARIABLES.callsTable]: tables.calls,
      [RESUME_VARIABLES.stateMachineArn]: STATE_MACHINE_ARN,
    }),
  ];
}
