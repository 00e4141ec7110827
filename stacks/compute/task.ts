/** The recorder: one small Fargate task a call, that nobody can reach. */
import { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster/index.js';
import { EcsClusterCapacityProviders } from '@cdktf/provider-aws/lib/ecs-cluster-capacity-providers/index.js';
import {
  EcsTaskDefinition,
  type EcsTaskDefinitionConfig,
} from '@cdktf/provider-aws/lib/ecs-task-definition/index.js';
import { TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import { DEFAULT_METRICS_NAMESPACE } from '../../contract/metrics.ts';
import { CONTAINER, type Names } from '../../contract/names.ts';
import { TASK_VARIABLES } from '../../contract/variables.ts';
import type { Config } from '../config/config.ts';
import { arnOf, type Place } from '../config/place.ts';
import { endpointVariables } from '../config/reach.ts';
import { RECORDER_SIZE } from '../config/task-size.ts';
import type { Storage } from '../data/storage.ts';
import { allow, oneOrMore, type Statement, writeLog } from '../policies/policies.ts';
import { role } from '../policies/role.ts';
import type { Image } from './image.ts';
import { apartContainers, listenersImages, liveContainers } from './live-containers.ts';
import { logGroup } from './logs.ts';
import { programEnvironment } from './program-environment.ts';

/** The longest that Fargate allows between SIGTERM and SIGKILL; Spot's warning comes that early too. */
const STOP_TIMEOUT_SECONDS = 120;
/** A user without a name, and without rights, in any image. */
const NOBODY = '65532:65532';

export interface Task {
  readonly cluster: EcsCluster;
  readonly definition: EcsTaskDefinition;
  /** Where somebody listens: the one with the listener beside the recorder. */
  readonly live: EcsTaskDefinition | undefined;
  /** Where those that listen have a task of their own: it. */
  readonly listening: EcsTaskDefinition | undefined;
  /** The recorder's own role. */
  readonly taskRoleArn: string;
  /** All roles that the workflow hands to tasks. */
  readonly roleArns: readonly string[];
}

export interface TaskOptions {
  readonly config: Config;
  readonly names: Names;
  readonly place: Place;
  readonly keyArn: string;
  readonly image: Image;
  readonly stored: Storage;
  readonly statements: readonly Statement[];
  /** What those may do that listen in a task of their own; undefined: there are none. */
  readonly listenerStatements: readonly Statement[] | undefined;
  /** The function that asks Connect; undefined: the task does it itself. */
  readonly asksConnectArn: string | undefined;
}

export function task(scope: Construct, options: TaskOptions): Task {
  const { config, names, place, keyArn, image, stored } = options;
  const cluster = new EcsCluster(scope, 'cluster', {
    name: names.cluster,
    // A charge a task; what the dashboard shows comes from the recorders themselves.
    setting: [{ name: 'containerInsights', value: 'disabled' }],
  });
  new EcsClusterCapacityProviders(scope, 'cluster_capacity', {
    clusterName: cluster.name,
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    dependsOn: [serviceLinkedRole(scope, cluster)],
  });
  const log = logGroup(scope, 'task', names.taskLog, config, keyArn);
  const actsFor = arnOf(place, 'ecs', '*');
  const taskRole = role(scope, 'task', place, {
    name: names.role('task'),
    service: 'ecs-tasks',
    statements: options.statements,
    actsFor,
  });
  const executionRole = role(scope, 'execution', place, {
    name: names.role('execution'),
    service: 'ecs-tasks',
    statements: executionPolicy([image, ...listenersImages(config, place)], log.arn),
    actsFor,
  });
  const recorder = container(options, log.name);
  const common = {
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
    taskRoleArn: taskRole.arn,
    executionRoleArn: executionRole.arn,
    // Calls in progress start their tasks from the revision they began with, also after an upgrade.
    skipDestroy: true,
    dependsOn: [...image.pushed, taskRole.granted, executionRole.granted],
  };
  const definition = new EcsTaskDefinition(scope, 'task', {
    ...common,
    family: names.taskFamily,
    cpu: String(RECORDER_SIZE.cpu),
    memory: String(RECORDER_SIZE.memoryMib),
    containerDefinitions: JSON.stringify([recorder]),
  });
  const live = liveContainers({ config, stored, recorder });
  const listening = listeningTask(scope, options, recorder, common);
  return {
    cluster,
    definition,
    live:
      live && new EcsTaskDefinition(scope, 'live_task', { ...common, ...live, family: names.liveTaskFamily }),
    listening: listening?.definition,
    taskRoleArn: taskRole.arn,
    roleArns: [taskRole.arn, executionRole.arn, ...(listening ? [listening.roleArn] : [])],
  };
}

type Common = Omit<EcsTaskDefinitionConfig, 'containerDefinitions' | 'family'>;

/** Another role than the recorder's: it writes what its sinks write, and can change nothing of a recording. */
function listeningTask(
  scope: Construct,
  { config, names, place, stored, listenerStatements }: TaskOptions,
  recorder: Recorder,
  common: Common,
) {
  const containers = apartContainers({ config, stored, recorder });
  if (containers === undefined || listenerStatements === undefined) return undefined;
  const ownRole = role(scope, 'listener', place, {
    name: names.role('listener'),
    service: 'ecs-tasks',
    statements: listenerStatements,
    actsFor: arnOf(place, 'ecs', '*'),
  });
  const definition = new EcsTaskDefinition(scope, 'listen_task', {
    ...common,
    ...containers,
    family: names.listenTaskFamily,
    taskRoleArn: ownRole.arn,
    dependsOn: [...(common.dependsOn ?? []), ownRole.granted],
  });
  return { definition, roleArn: ownRole.arn };
}

/** IAM is eventually consistent; it takes some seconds. */
const ROLE_SECONDS = 20;

/**
 * The first cluster of an account makes ECS's service-linked role, which the request for capacity providers needs: right
 * after it AWS answers that it can't assume that role. Waits once, while all the rest is made.
 */
function serviceLinkedRole(scope: Construct, cluster: EcsCluster): TerraformResource {
  const wait = new TerraformResource(scope, 'cluster_role_wait', {
    terraformResourceType: 'terraform_data',
    provisioners: [
      { type: 'local-exec', interpreter: ['/bin/sh', '-c'], command: `sleep ${String(ROLE_SECONDS)}` },
    ],
  });
  wait.addOverride('triggers_replace', { cluster: cluster.arn });
  return wait;
}

/**
 * Written as ECS gives it back, with all that it fills in: what differs from that is a new revision at every deploy.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */
export type Recorder = ReturnType<typeof container>;

function container(options: TaskOptions, logGroupName: string) {
  const { place, image } = options;
  return {
    name: CONTAINER,
    cpu: 0,
    mountPoints: [],
    portMappings: [],
    systemControls: [],
    volumesFrom: [],
    image: image.uri,
    essential: true,
    user: NOBODY,
    readonlyRootFilesystem: true,
    privileged: false,
    // The first process of a container ignores SIGTERM until it asks for it: while the program loads, nobody does.
    linuxParameters: { initProcessEnabled: true, capabilities: { add: [], drop: ['ALL'] } },
    stopTimeout: STOP_TIMEOUT_SECONDS,
    environment: Object.entries(taskEnvironment(options)).map(([name, value]) => ({ name, value })),
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': logGroupName,
        'awslogs-region': place.region,
        'awslogs-stream-prefix': CONTAINER,
        // A log service that is slow must not hold up a recording.
        mode: 'non-blocking',
        'max-buffer-size': '4m',
      },
    },
  };
}

function taskEnvironment({ config, stored, asksConnectArn }: TaskOptions): Record<string, string> {
  const own = programEnvironment(TASK_VARIABLES, {
    bucket: stored.bucket.bucket,
    checkpointsTable: stored.checkpointsTable.name,
    callsTable: stored.callsTable.name,
    segmentSeconds: String(config.segmentSeconds),
    idleTimeoutSeconds: String(config.idleTimeoutSeconds),
    longestCallSeconds: String(config.longestCallSeconds),
    graceSeconds: String(config.graceSeconds),
    metricsNamespace: DEFAULT_METRICS_NAMESPACE,
    service: config.prefix,
    logLevel: config.logLevel,
    asksConnect: asksConnectArn,
  });
  return { ...own, ...endpointVariables(config) };
}

/** What Fargate does before the program runs: pull the image, open the log. */
function executionPolicy(images: readonly Image[], logGroupArn: string): Statement[] {
  const repositories = [...new Set(images.flatMap(({ repositoryArn = [] }) => repositoryArn))];
  return [
    ...(repositories.length === 0
      ? []
      : [
          // AWS: GetAuthorizationToken has no resource to narrow it to.
          allow('RegistryLogin', ['ecr:GetAuthorizationToken'], '*'),
          allow(
            'PullImage',
            ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
            oneOrMore(repositories),
          ),
        ]),
    writeLog(logGroupArn),
  ];
}
