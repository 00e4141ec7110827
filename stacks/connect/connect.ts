/** The wiring of one Connect instance: live media streaming, the function, its flows, and what it tells of calls. */
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js';
import { ConnectContactFlow } from '@cdktf/provider-aws/lib/connect-contact-flow/index.js';
import { ConnectContactFlowModule } from '@cdktf/provider-aws/lib/connect-contact-flow-module/index.js';
import { ConnectInstanceStorageConfig } from '@cdktf/provider-aws/lib/connect-instance-storage-config/index.js';
import { ConnectLambdaFunctionAssociation } from '@cdktf/provider-aws/lib/connect-lambda-function-association/index.js';
import { DataAwsConnectQueue } from '@cdktf/provider-aws/lib/data-aws-connect-queue/index.js';
import type { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function/index.js';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission/index.js';
import { type ITerraformDependable, TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import type { Instance } from '../../recording/arn.ts';
import type { Config } from '../config/config.ts';
import { recordingFlow, recordingModule, stopFlow } from './contact-flow.ts';

export interface ConnectParts {
  readonly config: Config;
  readonly names: Names;
  readonly keyArn: string;
  readonly connect: LambdaFunction;
  readonly contactEvent: LambdaFunction;
  readonly deadLettersArn: string;
}

export interface Wiring {
  readonly contactFlow?: ConnectContactFlow;
  readonly flowModule?: ConnectContactFlowModule;
}

/** Those that tell something that a call record holds; there are more, for each call. */
const CONTACT_EVENT_TYPES = ['QUEUED', 'CONNECTED_TO_AGENT', 'DISCONNECTED', 'COMPLETED'];

/** A contact event that is older than this helps no recording any more. */
const EVENT_AGE_SECONDS_MAX = 21_600;
const EVENT_RETRIES = 185;

export function wireInstance(scope: Construct, parts: ConnectParts, instance: Instance): Wiring {
  const { config, keyArn } = parts;
  if (config.manageMediaStreams) mediaStreams(scope, config, instance, keyArn);
  contactEvents(scope, parts, instance);
  const association = functionAssociation(scope, parts, instance);
  return config.flows ? flows(scope, parts, instance, association) : {};
}

/**
 * Connect adds `-connect-<alias>-contact-` to the prefix, and the provider takes a prefix that begins the one in Connect for the
 * same. So one that is a leading part of the old one would change the roles and not the setting, and nothing would be
 * recorded any more. A setting is made anew when its prefix changes in any way.
 */
function mediaStreams(scope: Construct, config: Config, instance: Instance, keyArn: string): void {
  const prefix = new TerraformResource(scope, 'media_stream_prefix', {
    terraformResourceType: 'terraform_data',
  });
  prefix.addOverride('triggers_replace', { prefix: config.mediaStreamPrefix });
  new ConnectInstanceStorageConfig(scope, 'media_streams', {
    instanceId: instance.id,
    resourceType: 'MEDIA_STREAMS',
    // By name: Terraform takes no template in JSON here, which is what cdktf would write of the resource itself.
    lifecycle: { replaceTriggeredBy: [`terraform_data.${prefix.friendlyUniqueId}`] },
    storageConfig: {
      storageType: 'KINESIS_VIDEO_STREAM',
      kinesisVideoStreamConfig: {
        prefix: config.mediaStreamPrefix,
        retentionPeriodHours: config.mediaRetentionHours,
        encryptionConfig: { encryptionType: 'KMS', keyId: keyArn },
      },
    },
  });
}

function functionAssociation(
  scope: Construct,
  { connect }: ConnectParts,
  instance: Instance,
): ITerraformDependable {
  const permission = new LambdaPermission(scope, 'connect_permission', {
    statementId: 'connect-instance',
    action: 'lambda:InvokeFunction',
    functionName: connect.functionName,
    principal: 'connect.amazonaws.com',
    sourceArn: instance.arn,
    sourceAccount: instance.account,
  });
  return new ConnectLambdaFunctionAssociation(scope, 'connect_association', {
    instanceId: instance.id,
    functionArn: connect.arn,
    dependsOn: [permission],
  });
}

/** What the instance tells of voice calls; its ARN is spelt in two ways in such events. */
function contactEvents(scope: Construct, parts: ConnectParts, instance: Instance): void {
  const { names, contactEvent, deadLettersArn } = parts;
  const rule = new CloudwatchEventRule(scope, 'contact_events', {
    name: names.contactEventRule,
    description: 'What Amazon Connect says of calls, for their records',
    eventPattern: JSON.stringify({
      source: ['aws.connect'],
      'detail-type': ['Amazon Connect Contact Event'],
      detail: {
        eventType: CONTACT_EVENT_TYPES,
        channel: ['VOICE'],
        $or: [{ instanceArn: [instance.arn] }, { instanceARN: [instance.arn] }],
      },
    }),
  });
  const permission = new LambdaPermission(scope, 'contact_events_permission', {
    statementId: 'contact-events',
    action: 'lambda:InvokeFunction',
    functionName: contactEvent.functionName,
    principal: 'events.amazonaws.com',
    sourceArn: rule.arn,
  });
  new CloudwatchEventTarget(scope, 'contact_events_target', {
    rule: rule.name,
    targetId: 'contact-event',
    arn: contactEvent.arn,
    deadLetterConfig: { arn: deadLettersArn },
    retryPolicy: { maximumEventAgeInSeconds: EVENT_AGE_SECONDS_MAX, maximumRetryAttempts: EVENT_RETRIES },
    dependsOn: [permission],
  });
}

function flows(
  scope: Construct,
  { config, names, connect }: ConnectParts,
  instance: Instance,
  association: ITerraformDependable,
): Wiring {
  const queue = new DataAwsConnectQueue(scope, 'queue', { instanceId: instance.id, name: config.queueName });
  const stop = new ConnectContactFlow(scope, 'stop_flow', {
    instanceId: instance.id,
    name: names.stopFlow,
    description: 'Stops media streaming when the agent has left, and hangs up',
    type: 'CONTACT_FLOW',
    content: JSON.stringify(stopFlow()),
  });
  const contactFlow = new ConnectContactFlow(scope, 'contact_flow', {
    instanceId: instance.id,
    name: names.contactFlow,
    description: 'Records the call and transfers it to a queue: point a number here to try it',
    type: 'CONTACT_FLOW',
    content: JSON.stringify(
      recordingFlow({
        functionArn: connect.arn,
        queueArn: queue.arn,
        stopFlowArn: stop.arn,
        announcement: config.announcement,
      }),
    ),
    // A flow that names a function which the instance doesn't know is refused.
    dependsOn: [association],
  });
  const flowModule = new ConnectContactFlowModule(scope, 'flow_module', {
    instanceId: instance.id,
    name: names.flowModule,
    description: 'Starts the recording of the call: for the beginning of a flow of your own',
    content: JSON.stringify(recordingModule(connect.arn)),
    dependsOn: [association],
  });
  return { contactFlow, flowModule };
}
