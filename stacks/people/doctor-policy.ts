/** What `callspool doctor` looks at: it only reads. Beside the operator's policy, which lets it read the calls. */
import type { Names } from '../../contract/names.ts';
import { arnOf, type Place } from '../config/place.ts';
import type { Replica } from '../data/replication.ts';
import { allow, type Statement, type Targets } from '../policies/policies.ts';

export interface DoctorParts {
  readonly names: Names;
  readonly place: Place;
  readonly targets: Targets;
  readonly stateMachineArn: string;
  readonly clusterArn: string;
  readonly taskRoleArn: string;
  /** The image's repository; undefined: it isn't in ECR. */
  readonly repositoryArn: string | undefined;
  readonly topicArn: string;
  /** The copies of recordings; undefined: there are none. */
  readonly replica: Replica | undefined;
  /** Of whoever listens: the repositories of images in ECR, and secrets. */
  readonly listeners: { readonly repositoryArns: readonly string[]; readonly secretArns: readonly string[] };
}

export function doctorStatements(parts: DoctorParts): Statement[] {
  const { names, place, targets, stateMachineArn, clusterArn } = parts;
  const { callsTableArn, checkpointsTableArn, transcriptsTableArn } = targets;
  const functions = arnOf(place, 'lambda', `function:${names.function('connect')}`).replace(/connect$/, '*');
  return [
    allow('Workflow', ['states:DescribeStateMachine'], stateMachineArn),
    allow('Functions', ['lambda:GetFunction', 'lambda:GetFunctionConfiguration'], functions),
    allow('Tables', ['dynamodb:DescribeTable'], [callsTableArn, checkpointsTableArn, transcriptsTableArn]),
    allow('Cluster', ['ecs:DescribeClusters'], clusterArn),
    allow('Tasks', ['ecs:DescribeTasks'], arnOf(place, 'ecs', `task/${names.cluster}/*`)),
    ...(parts.repositoryArn === undefined
      ? []
      : [allow('Image', ['ecr:DescribeImages'], parts.repositoryArn)]),
    ...listenersStatements(parts),
    allow('Role', ['iam:SimulatePrincipalPolicy'], parts.taskRoleArn),
    allow(
      'Rules',
      ['events:DescribeRule'],
      [names.contactEventRule, names.resumeRule].map((rule) => arnOf(place, 'events', `rule/${rule}`)),
    ),
    allow('EventBus', ['events:DescribeEventBus'], targets.eventBusArn),
    allow('Subscriptions', ['sns:ListSubscriptionsByTopic'], parts.topicArn),
    // DescribeAlarms is authorised on all alarms of the region, whatever prefix it asks for.
    allow('Alarms', ['cloudwatch:DescribeAlarms'], arnOf(place, 'cloudwatch', 'alarm:*')),
    ...instanceStatements(targets),
    ...(parts.replica === undefined ? [] : copiesStatements(targets, parts.replica)),
    // The fault that it looks for is a key of which this deployment knows nothing.
    allow('Keys', ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:ListGrants'], arnOf(place, 'kms', 'key/*')),
    allow('DataEndpoint', ['kinesisvideo:GetDataEndpoint'], targets.streamsArn),
    allow('ListTasks', ['ecs:ListTasks'], '*', { ArnEquals: { 'ecs:cluster': clusterArn } }),
    // Service Authorization Reference: actions without resource types.
    allow(
      'Account',
      [
        'ec2:DescribeRouteTables',
        'ec2:DescribeSubnets',
        'ecs:DescribeTaskDefinition',
        'kinesisvideo:ListStreams',
        'servicequotas:ListServiceQuotas',
        'states:ListStateMachines',
      ],
      '*',
    ),
  ];
}

function listenersStatements({ listeners: { repositoryArns, secretArns } }: DoctorParts): Statement[] {
  return [
    ...(repositoryArns.length === 0 ? [] : [allow('ListenersImage', ['ecr:DescribeImages'], repositoryArns)]),
    ...(secretArns.length === 0
      ? []
      : [allow('ListenersSecret', ['secretsmanager:DescribeSecret'], secretArns)]),
  ];
}

function instanceStatements({ contactsArn }: Targets): Statement[] {
  const instanceArn = contactsArn.replace(/\/contact\/\*$/, '');
  return [
    allow(
      'Instance',
      ['connect:ListContactFlowModules', 'connect:ListInstanceStorageConfigs', 'connect:ListLambdaFunctions'],
      instanceArn,
    ),
    // Service Authorization Reference: listing is of all flows, not of the instance.
    allow(
      'Flows',
      ['connect:DescribeContactFlow', 'connect:ListContactFlows'],
      `${instanceArn}/contact-flow/*`,
    ),
    allow('Modules', ['connect:DescribeContactFlowModule'], `${instanceArn}/flow-module/*`),
  ];
}

/** That copying is set up; how it goes, the recordings themselves tell, which operators may look at. */
function copiesStatements({ bucketArn }: Targets, replica: Replica): Statement[] {
  return [
    allow('Copying', ['s3:GetReplicationConfiguration'], bucketArn),
    allow('Copies', ['s3:GetBucketVersioning'], replica.bucketArn),
  ];
}
