/** The whole deployment: storage that lasts, and around it what records. */
import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity/index.js';
import { DataAwsCloudwatchEventBus } from '@cdktf/provider-aws/lib/data-aws-cloudwatch-event-bus/index.js';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js';
import { type App, TerraformStack } from 'cdktf';
import { ASKS_CONNECT, type Names, namesOf } from '../contract/names.ts';
import { deadLetters } from './compute/dead-letters.ts';
import {
  asksConnectFunction,
  assembleFunction,
  connectFunction,
  contactEventFunction,
  reservations,
  resumeFunction,
} from './compute/functions.ts';
import { taskImage } from './compute/image.ts';
import { listenersImages } from './compute/live-containers.ts';
import { resumeSchedule } from './compute/resume-schedule.ts';
import { task } from './compute/task.ts';
import { stateMachine } from './compute/workflow.ts';
import { stateBackend } from './config/backend.ts';
import type { Config } from './config/config.ts';
import { arnOf, type Place } from './config/place.ts';
import { reachesConnect, usesIpv6 } from './config/reach.ts';
import { wireInstance } from './connect/connect.ts';
import { type AccessLogs, accessLogs } from './data/access-logs.ts';
import { dataKey } from './data/key.ts';
import { replicaOf, replication } from './data/replication.ts';
import { type Storage, storage } from './data/storage.ts';
import { flowLogs } from './monitoring/flow-logs.ts';
import { monitoring } from './monitoring/monitoring.ts';
import { network } from './network/network.ts';
import { dataOutputs, programOutputs } from './outputs.ts';
import { peoplePolicies } from './people/people.ts';
import { listenerPolicy, livePolicy } from './policies/live.ts';
import { type Targets, taskPolicy } from './policies/policies.ts';

const STACK_ID = 'callspool';
const DEFAULT_BUS = 'default';

export interface Sources {
  /** The checkout. */
  readonly root: string;
  /** The folder that `npm run build` makes. */
  readonly bundles: string;
  readonly dockerfile: string;
  readonly pushScript: string;
  /** A folder for what is made of the bundles; needed until the app has been synthesised. */
  readonly staging: string;
}

export function callspoolStack(app: App, config: Config, sources: Sources): TerraformStack {
  const stack = new TerraformStack(app, STACK_ID);
  stateBackend(stack, app, config, sources.root);
  new AwsProvider(stack, 'aws', {
    region: config.region,
    // Credentials of another account than the instance's stop here, before anything is made.
    ...(config.instance && { allowedAccountIds: [config.instance.account] }),
    defaultTags: [{ tags: { Application: 'callspool', Deployment: config.prefix, ...config.tags } }],
  });
  const place: Place = {
    region: config.region,
    account: new DataAwsCallerIdentity(stack, 'caller').accountId,
  };
  const names = namesOf(config);
  const keyArn = dataKey(stack, config, names, place);
  const stored = storage(stack, config, names, place, keyArn);
  const watched = watchedStorage(stack, { config, names, place, keyArn, stored });
  dataOutputs(stack, config, { place, stored, keyArn, ...watched });
  if (!config.dataOnly) programs(stack, { config, sources, place, names, keyArn, stored, ...watched });
  return stack;
}

interface Watched {
  /** Undefined: none are written. */
  readonly logs: AccessLogs | undefined;
  /** Undefined: nothing is copied. */
  readonly replicationRoleArn: string | undefined;
}

/** What regulated users have on what is kept, data alone or not: access logs, copies. */
function watchedStorage(
  stack: TerraformStack,
  { config, names, place, keyArn, stored }: Omit<Common, 'sources' | keyof Watched>,
): Watched {
  const { bucket, bucketVersioning: versioning } = stored;
  const replica = replicaOf(config);
  return {
    logs: config.accessLogs ? accessLogs(stack, config, names, place, bucket) : undefined,
    replicationRoleArn: replica && replication(stack, replica, { names, place, keyArn, bucket, versioning }),
  };
}

interface Common extends Watched {
  readonly config: Config;
  readonly sources: Sources;
  readonly place: Place;
  readonly names: Names;
  readonly keyArn: string;
  readonly stored: Storage;
}

function programs(stack: TerraformStack, common: Common): void {
  const { config, sources, place, names, keyArn, stored } = common;
  const targets = targetsOf(stack, common);
  const { asksConnectArn } = targets;
  const isListenedTo = config.liveSinks.length > 0;
  const besideRecorders = isListenedTo ? livePolicy(targets, config) : [];
  // Those that listen read what recorders read, and less: together they may do no more in a task of their own.
  const taskStatements = [...taskPolicy(targets), ...besideRecorders];
  const image = taskImage(stack, config, names, place, sources);
  const recorder = task(stack, {
    config,
    names,
    place,
    keyArn,
    image,
    stored,
    statements: config.liveApart ? taskPolicy(targets) : taskStatements,
    listenerStatements: isListenedTo && config.liveApart ? listenerPolicy(targets, config) : undefined,
    // Of a network that is left, the tasks go on as they began.
    asksConnectArn: config.network === 'ipv6' ? asksConnectArn : undefined,
  });
  const net = network(stack, config, names, place, taskStatements);
  if (config.flowLogs && net.ownVpcId !== undefined) {
    flowLogs(stack, { config, names, place, keyArn, vpcId: net.ownVpcId });
  }

  const { bundles, staging } = sources;
  const reserved = reservations(stack, config);
  const options = { config, names, place, keyArn, stored, targets, bundles, staging, reserved };
  if (asksConnectArn !== undefined) asksConnectFunction(stack, options);
  const assemble = assembleFunction(stack, options);
  const machine = stateMachine(stack, {
    config,
    names,
    place,
    keyArn,
    targets,
    network: net,
    task: recorder,
    assembleFunctionArn: assemble.arn,
    callsTableName: stored.callsTable.name,
    checkpointsTableName: stored.checkpointsTable.name,
  });
  const letters = deadLetters(stack, names, place);
  const connect = connectFunction(stack, options, machine.arn);
  const contactEvent = contactEventFunction(stack, options, letters.arn);
  const connectParts = { config, names, keyArn, connect, contactEvent, deadLettersArn: letters.arn };
  const wiring = config.instance && wireInstance(stack, connectParts, config.instance);
  resumeSchedule(stack, config, names, resumeFunction(stack, options, machine.arn));

  const stateMachineArn = machine.arn;
  const bucketName = stored.bucket.bucket;
  const { topic } = monitoring(stack, { config, names, place, keyArn, stateMachineArn, bucketName });
  const people = peoplePolicies(stack, {
    names,
    place,
    targets,
    stateMachineArn,
    clusterArn: recorder.cluster.arn,
    taskRoleArn: recorder.taskRoleArn,
    repositoryArn: image.repositoryArn,
    topicArn: topic.arn,
    logs: common.logs,
    replica: replicaOf(config),
    listeners: {
      repositoryArns: listenersImages(config, place).flatMap(({ repositoryArn = [] }) => repositoryArn),
      secretArns: [config.liveSecretArn ?? []].flat(),
    },
  });
  programOutputs(stack, {
    config,
    names,
    place,
    connect,
    stateMachineArn,
    clusterArn: recorder.cluster.arn,
    imageUri: image.uri,
    deadLettersUrl: letters.url,
    topicArn: topic.arn,
    people,
    wiring,
  });
}

/** One that isn't there stops the deployment before anything is changed; `default` is in every account. */
function eventBusArn(stack: TerraformStack, { eventBusName }: Config, place: Place): string {
  if (eventBusName === DEFAULT_BUS) return arnOf(place, 'events', `event-bus/${DEFAULT_BUS}`);
  return new DataAwsCloudwatchEventBus(stack, 'event_bus', { name: eventBusName }).arn;
}

function targetsOf(stack: TerraformStack, { config, place, names, keyArn, stored }: Common): Targets {
  const instance = config.instance?.id ?? '*';
  return {
    region: place.region,
    bucketArn: stored.bucket.arn,
    checkpointsTableArn: stored.checkpointsTable.arn,
    callsTableArn: stored.callsTable.arn,
    transcriptsTableArn: stored.transcriptsTable.arn,
    keyArn,
    // Connect names a stream <prefix>-connect-<instance alias>-contact-<id>.
    streamsArn: arnOf(place, 'kinesisvideo', `stream/${config.mediaStreamPrefix}-connect-*/*`),
    mediaKeyArn: config.manageMediaStreams ? keyArn : config.mediaKeyArn,
    // While no instance is named, contacts of any of the account's.
    contactsArn: arnOf(place, 'connect', `instance/${instance}/contact/*`),
    // By its name: the recorders' role is there before the function is.
    asksConnectArn: usesIpv6(config)
      ? arnOf(place, 'lambda', `function:${names.function(ASKS_CONNECT)}`)
      : undefined,
    recordersAskConnect: reachesConnect(config),
    eventBusArn: eventBusArn(stack, config, place),
  };
}
