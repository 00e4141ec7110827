/** What the workflow's states that record have in common: a task, on Spot or On-Demand. */
import { RUN_VARIABLES } from './variables.ts';

export interface WorkflowOptions {
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly containerName: string;
  readonly subnetIds: readonly string[] | string;
  readonly securityGroupIds: readonly string[] | string;
  readonly assignPublicIp: boolean;
  readonly assembleFunctionArn: string;
  readonly callsTableName: string;
  /** Try Fargate Spot first. */
  readonly spot: boolean;
  readonly longestCallSeconds: number;
  /** Copied to the task, so that costs can be told apart. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Where somebody listens while people talk. */
  readonly live?: LiveTasks;
}

export interface LiveTasks {
  /** The task definition with whoever listens beside the recorder. */
  readonly taskDefinitionArn: string;
  /** The containers that are told which recording it is; the recorder is one of them. */
  readonly containerNames: readonly string[];
  readonly checkpointsTableName: string;
}

/** The states' names, for whoever has to tell them apart (stand-ins, dashboards, tests). */
export const STATES = {
  spot: 'RecordOnSpot',
  onDemand: 'RecordOnDemand',
  assemble: 'Assemble',
  markFailed: 'MarkFailed',
  choose: 'WhatCameOfIt',
  done: 'Done',
  failed: 'Failed',
  isLive: 'IsLive',
  liveSpot: 'RecordLiveOnSpot',
  liveOnDemand: 'RecordLiveOnDemand',
  readEnd: 'ReadEnd',
  isOver: 'IsOver',
  both: 'RecordAndListen',
  isListenedTo: 'IsListenedTo',
  recorderFirst: 'RecorderFirst',
  listen: 'Listen',
  leftAlone: 'LeftAlone',
} as const;

export const DISCARD_OUTPUT = null;
/** Time for a task to start, catch up and leave, beyond the call itself. */
const RECORD_MARGIN_SECONDS = 3_600;

export type CapacityProvider = 'FARGATE' | 'FARGATE_SPOT';

/** No task of a recording is of use for longer. */
export function longestRunSeconds({
  longestCallSeconds,
}: Pick<WorkflowOptions, 'longestCallSeconds'>): number {
  return longestCallSeconds + RECORD_MARGIN_SECONDS;
}

/** @param live with whoever listens */
export function recordState(options: WorkflowOptions, capacityProvider: CapacityProvider, live?: LiveTasks) {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::ecs:runTask.sync',
    TimeoutSeconds: longestRunSeconds(options),
    Parameters: taskParameters(options, capacityProvider, {
      taskDefinitionArn: live?.taskDefinitionArn ?? options.taskDefinitionArn,
      containerNames: live?.containerNames ?? [options.containerName],
    }),
    ResultPath: DISCARD_OUTPUT,
    Next: STATES.assemble,
  };
}

/** What RunTask is given. */
export function taskParameters(
  options: WorkflowOptions,
  capacityProvider: CapacityProvider,
  { taskDefinitionArn, containerNames }: Pick<LiveTasks, 'taskDefinitionArn' | 'containerNames'>,
) {
  return {
    Cluster: options.clusterArn,
    TaskDefinition: taskDefinitionArn,
    CapacityProviderStrategy: [{ CapacityProvider: capacityProvider, Weight: 1 }],
    PlatformVersion: 'LATEST',
    PropagateTags: 'TASK_DEFINITION',
    NetworkConfiguration: {
      AwsvpcConfiguration: {
        Subnets: options.subnetIds,
        SecurityGroups: options.securityGroupIds,
        AssignPublicIp: options.assignPublicIp ? 'ENABLED' : 'DISABLED',
      },
    },
    Overrides: {
      ContainerOverrides: containerNames.map((Name) => ({ Name, Environment: runEnvironment() })),
    },
  };
}

function runEnvironment() {
  return Object.entries(RUN_VARIABLES).map(([field, name]) => ({
    Name: name,
    'Value.$': field === 'executionArn' ? '$$.Execution.Id' : `$.${field}`,
  }));
}
