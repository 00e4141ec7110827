/** What an operator needs next: names and places, and what is left to do by hand. */
import type { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function/index.js';
import { TerraformOutput, Token } from 'cdktf';
import type { Construct } from 'constructs';
import type { Names } from '../contract/names.ts';
import type { Config } from './config/config.ts';
import type { Place } from './config/place.ts';
import type { Wiring } from './connect/connect.ts';
import type { AccessLogs } from './data/access-logs.ts';
import type { Storage } from './data/storage.ts';
import type { PeoplePolicies } from './people/people.ts';

export interface DataOutputs {
  readonly place: Place;
  readonly stored: Storage;
  readonly keyArn: string;
  readonly logs: AccessLogs | undefined;
  readonly replicationRoleArn: string | undefined;
}

export function dataOutputs(scope: Construct, config: Config, parts: DataOutputs): void {
  const { place, stored, keyArn, logs, replicationRoleArn } = parts;
  outputs(scope, {
    region: [place.region, 'Region of the deployment'],
    prefix: [config.prefix, 'First part of every name'],
    bucket: [stored.bucket.bucket, 'Recordings and tape'],
    calls_table: [stored.callsTable.name, 'Call records'],
    transcripts_table: [stored.transcriptsTable.name, 'What was said, where it is written down'],
    checkpoints_table: [stored.checkpointsTable.name, 'Where each recording goes on'],
    key_arn: [keyArn, 'Key of everything at rest'],
    ...(logs && { access_logs: [logs.bucketArn, 'Who fetches which recording'] }),
    ...(replicationRoleArn !== undefined && {
      replication_role_arn: [replicationRoleArn, 'What a bucket and a key of another account must let in'],
    }),
  });
}

export interface ProgramOutputs {
  readonly config: Config;
  readonly names: Names;
  readonly place: Place;
  readonly connect: LambdaFunction;
  readonly stateMachineArn: string;
  readonly clusterArn: string;
  readonly imageUri: string;
  readonly deadLettersUrl: string;
  readonly topicArn: string;
  readonly people: PeoplePolicies;
  readonly wiring: Wiring | undefined;
}

export function programOutputs(scope: Construct, parts: ProgramOutputs): void {
  const { names, place, wiring } = parts;
  outputs(scope, {
    connect_function_arn: [parts.connect.arn, 'The function that a contact flow invokes'],
    state_machine_arn: [parts.stateMachineArn, 'One execution a recording'],
    cluster_arn: [parts.clusterArn, 'Where recorders run'],
    image: [parts.imageUri, 'What recorders run'],
    task_log: [names.taskLog, 'Log group of the recorders'],
    dead_letters_url: [parts.deadLettersUrl, 'Contact events that could not be handled'],
    alarm_topic_arn: [parts.topicArn, 'Where alarms go: subscribe to it'],
    operator_policy_arn: [parts.people.operatorArn, 'Attach it to whoever looks after the calls'],
    doctor_policy_arn: [parts.people.doctorArn, 'Attach it too to whoever may run callspool doctor'],
    eraser_policy_arn: [
      parts.people.eraserArn,
      'Attach it too to whoever may erase what is kept of a caller',
    ],
    transcriber_policy_arn: [
      parts.people.transcriberArn,
      'Attach it too to whoever may write down what was said in finished recordings',
    ],
    ...(parts.people.auditorArn !== undefined && {
      auditor_policy_arn: [
        parts.people.auditorArn,
        'Attach it to whoever may see who has fetched recordings',
      ],
    }),
    dashboard: [
      `https://${place.region}.console.aws.amazon.com/cloudwatch/home?region=${place.region}#dashboards/dashboard/${names.dashboard}`,
      'What happens now',
    ],
    ...(wiring?.contactFlow && {
      contact_flow_id: [wiring.contactFlow.contactFlowId, 'Point a number at this flow to try a recording'],
    }),
    ...(wiring?.flowModule && {
      flow_module_id: [wiring.flowModule.contactFlowModuleId, 'Put this module into flows of your own'],
    }),
    next_steps: [nextSteps(parts), 'What is left to do'],
  });
}

function nextSteps({ config, place, connect, wiring }: ProgramOutputs): string[] {
  const confirm =
    config.alarmEmail === undefined
      ? 'Subscribe to alarm_topic_arn, so that somebody hears of alarms.'
      : `Confirm the subscription that AWS has mailed to ${config.alarmEmail}.`;
  if (config.instance !== undefined) {
    return [
      confirm,
      wiring?.contactFlow === undefined
        ? 'In your contact flow: Start media streaming (both directions), then invoke connect_function_arn.'
        : 'Point a phone number at the flow contact_flow_id, or put the module flow_module_id into a flow of yours.',
      ...(config.manageMediaStreams
        ? []
        : [
            `Check the instance’s live media streaming: prefix ${config.mediaStreamPrefix}, retention above 0, and its key in CALLSPOOL_MEDIA_KEY_ARN.`,
          ]),
    ];
  }
  return [
    confirm,
    'No Connect instance is wired. Deploy again with CALLSPOOL_INSTANCE_ARN, or wire it by hand:',
    `aws connect associate-instance-storage-config --region ${place.region} --instance-id ID --resource-type MEDIA_STREAMS --storage-config 'StorageType=KINESIS_VIDEO_STREAM,KinesisVideoStreamConfig={Prefix=${config.mediaStreamPrefix},RetentionPeriodHours=${String(config.mediaRetentionHours)},EncryptionConfig={EncryptionType=KMS,KeyId=KEY_ARN}}'`,
    `aws lambda add-permission --region ${place.region} --function-name ${connect.functionName} --statement-id connect-by-hand --action lambda:InvokeFunction --principal connect.amazonaws.com --source-arn INSTANCE_ARN`,
    `aws connect associate-lambda-function --region ${place.region} --instance-id ID --function-arn ${connect.arn}`,
    'In your contact flow: Start media streaming (both directions), then invoke connect_function_arn.',
  ];
}

type Outputs = Readonly<Record<string, readonly [value: unknown, description: string]>>;

function outputs(scope: Construct, all: Outputs): void {
  for (const [name, [value, description]] of Object.entries(all)) {
    // cdktf holds everything but a string against `util.isArray`, which Node calls deprecated: a token is a string.
    const asText = Token.asString(value);
    // Under the stack itself an output would collide with a resource of the same name.
    const output = new TerraformOutput(scope, `output_${name}`, { value: asText, description });
    output.overrideLogicalId(name);
  }
}
