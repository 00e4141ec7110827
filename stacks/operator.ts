/**
 * What a person needs to look at calls, fetch recordings and resume them: a policy to attach to a role or a
 * group. Nothing uses it by itself.
 */
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy/index.js';
import type { Construct } from 'constructs';
import { RECORDINGS_PREFIX, TAPE_PREFIX } from '../recording/keys.ts';
import type { Names } from './names.ts';
import { arnOf, type Place } from './place.ts';
import {
  allow,
  policyDocument,
  type Statement,
  streams,
  tableKey,
  type Targets,
  useKey,
} from './policies.ts';

export interface OperatorParts {
  readonly names: Names;
  readonly place: Place;
  readonly targets: Targets;
  readonly stateMachineArn: string;
}

export function operatorPolicy(scope: Construct, parts: OperatorParts): IamPolicy {
  return new IamPolicy(scope, 'operator', {
    name: parts.names.operatorPolicy,
    description: 'Looks at calls, fetches recordings, resumes them',
    policy: policyDocument(operatorStatements(parts)),
  });
}

function operatorStatements({ names, place, targets, stateMachineArn }: OperatorParts): Statement[] {
  return [
    allow('List', ['s3:ListBucket'], targets.bucketArn),
    allow(
      'Fetch',
      ['s3:GetObject'],
      [`${targets.bucketArn}/${TAPE_PREFIX}*`, `${targets.bucketArn}/${RECORDINGS_PREFIX}*`],
    ),
    useKey('FetchKey', targets, 's3', ['kms:Decrypt']),
    allow(
      'Look',
      ['dynamodb:GetItem', 'dynamodb:Query'],
      [targets.callsTableArn, `${targets.callsTableArn}/index/*`, targets.checkpointsTableArn],
    ),
    allow('Resume', ['dynamodb:UpdateItem'], [targets.callsTableArn, targets.checkpointsTableArn]),
    tableKey(targets),
    allow('Start', ['states:StartExecution', 'states:ListExecutions'], stateMachineArn),
    allow(
      'Watch',
      ['states:DescribeExecution', 'states:GetExecutionHistory'],
      arnOf(place, 'states', `execution:${names.stateMachine}:*`),
    ),
    ...streams(targets, [
      'kinesisvideo:DescribeStream',
      'kinesisvideo:GetDataEndpoint',
      'kinesisvideo:GetMedia',
      'kinesisvideo:GetMediaForFragmentList',
      'kinesisvideo:ListFragments',
    ]),
  ];
}
