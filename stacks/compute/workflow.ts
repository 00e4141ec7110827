/** The state machine, made from the one definition in contract/workflow.ts. */
import { SfnStateMachine } from '@cdktf/provider-aws/lib/sfn-state-machine/index.js';
import type { Construct } from 'constructs';
import { apartWorkflow } from '../../contract/apart-workflow.ts';
import { CONTAINER, LISTENER_CONTAINER, type Names } from '../../contract/names.ts';
import type { LiveTasks, WorkflowOptions } from '../../contract/record-states.ts';
import { workflow } from '../../contract/workflow.ts';
import type { Config } from '../config/config.ts';
import { arnOf, type Place } from '../config/place.ts';
import type { Network } from '../network/network.ts';
import { allow, oneOrMore, type Statement, tableKey, type Targets } from '../policies/policies.ts';
import { role } from '../policies/role.ts';
import { logGroup } from './logs.ts';
import type { Task } from './task.ts';

export interface WorkflowParts {
  readonly config: Config;
  readonly names: Names;
  readonly place: Place;
  readonly keyArn: string;
  readonly targets: Targets;
  readonly network: Network;
  readonly task: Task;
  readonly assembleFunctionArn: string;
  readonly callsTableName: string;
  readonly checkpointsTableName: string;
}

export function stateMachine(scope: Construct, parts: WorkflowParts): SfnStateMachine {
  const { config, names, place, keyArn } = parts;
  const log = logGroup(scope, 'workflow', names.workflowLog, config, keyArn);
  const ownRole = role(scope, 'workflow', place, {
    name: names.role('workflow'),
    service: 'states',
    statements: workflowPolicy(parts),
    actsFor: arnOf(place, 'states', `stateMachine:${names.stateMachine}`),
  });
  return new SfnStateMachine(scope, 'workflow', {
    name: names.stateMachine,
    type: 'STANDARD',
    roleArn: ownRole.arn,
    definition: JSON.stringify(definitionOf(parts)),
    // Names and places are in an execution's history already; its data stay out of the log.
    loggingConfiguration: { level: 'ERROR', includeExecutionData: false, logDestination: `${log.arn}:*` },
    tracingConfiguration: { enabled: true },
    // A role that isn't allowed to log yet makes CreateStateMachine fail.
    dependsOn: [ownRole.granted],
  });
}

function definitionOf({ config, network, task, ...parts }: WorkflowParts) {
  const options: WorkflowOptions = {
    clusterArn: task.cluster.arn,
    taskDefinitionArn: task.definition.arn,
    containerName: CONTAINER,
    subnetIds: network.subnetIds,
    securityGroupIds: [network.securityGroupId],
    assignPublicIp: network.assignPublicIp,
    assembleFunctionArn: parts.assembleFunctionArn,
    callsTableName: parts.callsTableName,
    spot: config.spot,
    longestCallSeconds: config.longestCallSeconds,
    ...(task.live && { live: liveTasks(task.live.arn, parts.checkpointsTableName) }),
  };
  if (task.listening === undefined) return workflow(options);
  return apartWorkflow(options, {
    taskDefinitionArn: task.listening.arn,
    containerName: LISTENER_CONTAINER,
  });
}

function liveTasks(taskDefinitionArn: string, checkpointsTableName: string): LiveTasks {
  return { taskDefinitionArn, checkpointsTableName, containerNames: [CONTAINER, LISTENER_CONTAINER] };
}

/** Step Functions' own rule in every account, by which it learns that a task has stopped. */
const TASK_STATE_RULE = 'rule/StepFunctionsGetEventsForECSTaskRule';

function workflowPolicy({ names, place, targets, task, assembleFunctionArn }: WorkflowParts): Statement[] {
  const onCluster = { ArnEquals: { 'ecs:cluster': task.cluster.arn } };
  const tasks = arnOf(place, 'ecs', `task/${names.cluster}/*`);
  const families = [
    names.taskFamily,
    ...(task.live ? [names.liveTaskFamily] : []),
    ...(task.listening ? [names.listenTaskFamily] : []),
  ].map((family) => arnOf(place, 'ecs', `task-definition/${family}:*`));
  return [
    // Every revision: a call in progress goes on with the one it began with.
    allow('RunTask', ['ecs:RunTask'], oneOrMore(families), onCluster),
    allow('WatchTask', ['ecs:DescribeTasks', 'ecs:StopTask'], tasks, onCluster),
    allow('TagTask', ['ecs:TagResource'], tasks, { StringEquals: { 'ecs:CreateAction': 'RunTask' } }),
    allow('PassRoles', ['iam:PassRole'], task.roleArns, {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    }),
    allow(
      'TaskEvents',
      ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
      arnOf(place, 'events', TASK_STATE_RULE),
    ),
    allow('Assemble', ['lambda:InvokeFunction'], assembleFunctionArn),
    allow('MarkFailed', ['dynamodb:UpdateItem'], targets.callsTableArn),
    ...(task.live ? [allow('HasItEnded', ['dynamodb:GetItem'], targets.checkpointsTableArn)] : []),
    tableKey(targets),
    // AWS: log delivery has no resource to narrow it to (Step Functions developer guide, "logging").
    allow(
      'LogDelivery',
      [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeLogGroups',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
      ],
      '*',
    ),
    // AWS: neither has tracing.
    allow(
      'Tracing',
      [
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ],
      '*',
    ),
  ];
}
