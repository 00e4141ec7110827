/** Alarms, the topic they go to, and the dashboard. */
import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard/index.js';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic/index.js';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy/index.js';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import type { Config } from '../config/config.ts';
import { arnOf, type Place } from '../config/place.ts';
import { functionsOf } from '../config/reach.ts';
import { tellsOfWords, writesDown } from '../policies/live.ts';
import { onlyTls, policyDocument } from '../policies/policies.ts';
import { deployAlarms } from './alarms.ts';
import { dashboardBody } from './dashboard.ts';

export interface MonitoringParts {
  readonly config: Config;
  readonly names: Names;
  readonly place: Place;
  readonly keyArn: string;
  readonly stateMachineArn: string;
  readonly bucketName: string;
}

export interface Monitoring {
  readonly topic: SnsTopic;
  readonly dashboard: CloudwatchDashboard;
}

export function monitoring(scope: Construct, parts: MonitoringParts): Monitoring {
  const { config, names, place, stateMachineArn } = parts;
  const topic = alarmTopic(scope, parts);
  const watched = {
    prefix: config.prefix,
    names,
    stateMachineArn,
    longestCallSeconds: config.longestCallSeconds,
    wired: config.instance !== undefined,
    listenedTo: config.liveSinks.length > 0,
    apartSeconds: config.liveApart ? config.segmentSeconds : undefined,
    words: writesDown(config) ? { told: tellsOfWords(config) } : undefined,
    functions: functionsOf(config),
  };
  const alarms = deployAlarms(scope, watched, topic.arn);
  const dashboard = new CloudwatchDashboard(scope, 'dashboard', {
    dashboardName: names.dashboard,
    dashboardBody: JSON.stringify(
      dashboardBody({
        prefix: config.prefix,
        region: place.region,
        names,
        stateMachineArn,
        segmentSeconds: config.segmentSeconds,
        functions: functionsOf(config),
        mediaStreamPrefix: config.mediaStreamPrefix,
        bucketName: parts.bucketName,
        listenedTo: watched.listenedTo,
        writtenDown: watched.words !== undefined,
        alarmArns: alarms.map(({ arn }) => arn),
      }),
    ),
  });
  return { topic, dashboard };
}

/** SNS refuses a topic's policy that names any other action, or all of them. */
const TOPIC_ACTIONS = [
  'sns:AddPermission',
  'sns:DeleteTopic',
  'sns:GetTopicAttributes',
  'sns:ListSubscriptionsByTopic',
  'sns:Publish',
  'sns:RemovePermission',
  'sns:SetTopicAttributes',
  'sns:Subscribe',
];

function alarmTopic(scope: Construct, { config, names, place, keyArn }: MonitoringParts): SnsTopic {
  const topic = new SnsTopic(scope, 'alarms', { name: names.alarmTopic, kmsMasterKeyId: keyArn });
  new SnsTopicPolicy(scope, 'alarms_policy', {
    arn: topic.arn,
    policy: policyDocument([
      {
        Sid: 'Alarms',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: ['sns:Publish'],
        Resource: topic.arn,
        Condition: { ArnLike: { 'aws:SourceArn': arnOf(place, 'cloudwatch', 'alarm:*') } },
      },
      onlyTls(TOPIC_ACTIONS, topic.arn),
    ]),
  });
  if (config.alarmEmail !== undefined) {
    new SnsTopicSubscription(scope, 'alarms_email', {
      topicArn: topic.arn,
      protocol: 'email',
      endpoint: config.alarmEmail,
    });
  }
  return topic;
}
