/** Flow logs of the deployment's own VPC: which addresses talked, when, and how much; never what was said. */
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import { logGroup } from '../compute/logs.ts';
import type { Config } from '../config/config.ts';
import { arnOf, type Place } from '../config/place.ts';
import { allow, type Statement } from '../policies/policies.ts';
import { role } from '../policies/role.ts';

export interface FlowLogsParts {
  readonly config: Config;
  readonly names: Names;
  readonly place: Place;
  readonly keyArn: string;
  readonly vpcId: string;
}

export function flowLogs(scope: Construct, { config, names, place, keyArn, vpcId }: FlowLogsParts): void {
  const log = logGroup(scope, 'flow', names.flowLog, config, keyArn);
  const ownRole = role(scope, 'flow_logs', place, {
    name: names.role('flow-logs'),
    service: 'vpc-flow-logs',
    statements: writeFlows(log.arn),
    actsFor: arnOf(place, 'ec2', 'vpc-flow-log/*'),
  });
  new FlowLog(scope, 'flow_logs', {
    vpcId,
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logDestination: log.arn,
    iamRoleArn: ownRole.arn,
    tags: { Name: names.network },
    dependsOn: [ownRole.granted],
  });
}

/** VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs"; the group is made by the stack. */
function writeFlows(logGroupArn: string): Statement[] {
  return [
    // Service Authorization Reference: an action without resource types.
    allow('Groups', ['logs:DescribeLogGroups'], '*'),
    allow(
      'Log',
      ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      `${logGroupArn}:*`,
    ),
  ];
}
