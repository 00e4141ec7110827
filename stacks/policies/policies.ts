/**
 * What each program may do: the calls it makes, on what it makes them on. test/stacks/policies holds these
 * against the SDK commands in the programs' sources.
 */
import { RECORDINGS_PREFIX } from '../../recording/audio/files/keys.ts';
import { TAPE_PREFIX } from '../../recording/tape/keys.ts';

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Condition;
}

export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export function allow(
  Sid: string,
  Action: readonly string[],
  Resource: string | readonly string[],
  Condition?: Condition,
): Statement {
  return { Sid, Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) };
}

/** As IAM gives it back. */
export function oneOrMore(arns: readonly string[]): string | readonly string[] {
  const [only, ...others] = arns;
  return only === undefined || others.length > 0 ? arns : only;
}

export function policyDocument(Statement: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

/** Lets nobody reach a resource but over TLS, in its own policy. @param Action what the service takes in such a policy */
export function onlyTls(Action: readonly string[], Resource: string | readonly string[]) {
  return {
    Sid: 'OnlyTls',
    Effect: 'Deny',
    Principal: '*',
    Action,
    Resource,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

/** What the programs work on, by ARN. */
export interface Targets {
  readonly region: string;
  readonly bucketArn: string;
  readonly checkpointsTableArn: string;
  readonly callsTableArn: string;
  /** What was said. */
  readonly transcriptsTableArn: string;
  /** The key of the data: bucket and tables. */
  readonly keyArn: string;
  /** All streams that Connect makes for the instance. */
  readonly streamsArn: string;
  /** The key of the streams; undefined: AWS's own key, which needs no permission. */
  readonly mediaKeyArn: string | undefined;
  /** All contacts of the instance. */
  readonly contactsArn: string;
  /** The function that asks Connect for recorders; undefined: it isn't deployed. */
  readonly asksConnectArn: string | undefined;
  /** Recorders ask Connect themselves, some of them at least. */
  readonly recordersAskConnect: boolean;
  readonly eventBusArn: string;
}

/** A key, for requests that one service makes for the caller, and for nothing else. */
export function useKey(
  Sid: string,
  targets: Targets,
  service: string,
  actions: readonly string[],
  keyArn = targets.keyArn,
) {
  return allow(Sid, actions, keyArn, {
    StringEquals: { 'kms:ViaService': `${service}.${targets.region}.amazonaws.com` },
  });
}

/** Reading and writing alike: DynamoDB decrypts and encrypts table keys in the caller's name. */
export const tableKey = (targets: Targets) =>
  useKey('TableKey', targets, 'dynamodb', [
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey',
  ]);

/** Reading the streams of calls; the key only where it isn't AWS's own. */
export function streams(targets: Targets, actions: readonly string[]): Statement[] {
  const { mediaKeyArn } = targets;
  return [
    allow('Streams', actions, targets.streamsArn),
    ...(mediaKeyArn === undefined
      ? []
      : [useKey('StreamsKey', targets, 'kinesisvideo', ['kms:Decrypt'], mediaKeyArn)]),
  ];
}

export const listTape = (targets: Targets) =>
  allow('ListTape', ['s3:ListBucket'], targets.bucketArn, {
    StringLike: { 's3:prefix': `${TAPE_PREFIX}*` },
  });

const describeContacts = (targets: Targets) =>
  allow('Contacts', ['connect:DescribeContact'], targets.contactsArn);

const ARCHIVE = [
  'kinesisvideo:DescribeStream',
  'kinesisvideo:GetDataEndpoint',
  'kinesisvideo:GetMediaForFragmentList',
  'kinesisvideo:ListFragments',
];

export function taskPolicy(targets: Targets): Statement[] {
  return [
    listTape(targets),
    // Deleting hides what is the current version, and leaves it for some days: only an operator erases for good.
    // It reads what it has put there itself, to cut it where a recording began that has been erased.
    allow(
      'WriteTape',
      ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      `${targets.bucketArn}/${TAPE_PREFIX}*`,
    ),
    useKey('WriteTapeKey', targets, 's3', ['kms:Decrypt', 'kms:GenerateDataKey']),
    allow('Checkpoints', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], targets.checkpointsTableArn),
    allow('Calls', ['dynamodb:Query'], targets.callsTableArn),
    tableKey(targets),
    ...streams(targets, [...ARCHIVE, 'kinesisvideo:GetMedia']),
    ...(targets.recordersAskConnect ? [describeContacts(targets)] : []),
    ...(targets.asksConnectArn === undefined
      ? []
      : [allow('AskConnect', ['lambda:InvokeFunction'], targets.asksConnectArn)]),
  ];
}

export function connectPolicy(targets: Targets, stateMachineArn: string): Statement[] {
  return [
    allow('Calls', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], targets.callsTableArn),
    allow('Erased', ['dynamodb:GetItem'], targets.checkpointsTableArn),
    tableKey(targets),
    allow('Start', ['states:StartExecution'], stateMachineArn),
  ];
}

export function contactEventPolicy(targets: Targets, deadLettersArn: string): Statement[] {
  return [
    allow('Calls', ['dynamodb:Query', 'dynamodb:UpdateItem'], targets.callsTableArn),
    tableKey(targets),
    // Lambda itself sends what the function could not handle, in the function's name.
    allow('DeadLetters', ['sqs:SendMessage'], deadLettersArn),
  ];
}

export function asksConnectPolicy(targets: Targets): Statement[] {
  return [describeContacts(targets)];
}

/** @param readsWords of what was said it makes files beside the WAV */
export function assemblePolicy(targets: Targets, readsWords: boolean): Statement[] {
  return [
    listTape(targets),
    allow(
      'Tape',
      ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      `${targets.bucketArn}/${TAPE_PREFIX}*`,
    ),
    allow(
      'Recordings',
      // The one that is replaced is looked at first, and its ETag is the condition.
      ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      `${targets.bucketArn}/${RECORDINGS_PREFIX}*`,
    ),
    useKey('BucketKey', targets, 's3', ['kms:Decrypt', 'kms:GenerateDataKey']),
    allow('Checkpoints', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], targets.checkpointsTableArn),
    allow('Calls', ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], targets.callsTableArn),
    ...(readsWords
      ? [
          // What was said of a recording that has been erased goes, too.
          allow('Words', ['dynamodb:DeleteItem', 'dynamodb:Query'], targets.transcriptsTableArn),
          allow(
            'TagWords',
            ['s3:PutObjectTagging'],
            `${targets.bucketArn}/${RECORDINGS_PREFIX}*.transcript.*`,
          ),
        ]
      : []),
    tableKey(targets),
    ...streams(targets, ARCHIVE),
    describeContacts(targets),
    allow('Events', ['events:PutEvents'], targets.eventBusArn),
  ];
}

/** Allows resuming as an operator does (stacks/people/people.ts), without looking at what anybody has said. */
export function resumePolicy(targets: Targets, stateMachineArn: string, executionsArn: string): Statement[] {
  return [
    allow('ListTape', ['s3:ListBucket'], targets.bucketArn, {
      StringLike: { 's3:prefix': `${TAPE_PREFIX}*` },
    }),
    allow('Checkpoints', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], targets.checkpointsTableArn),
    allow('Calls', ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], targets.callsTableArn),
    allow('FindCalls', ['dynamodb:Query'], `${targets.callsTableArn}/index/*`),
    tableKey(targets),
    ...streams(targets, [
      'kinesisvideo:DescribeStream',
      'kinesisvideo:GetDataEndpoint',
      'kinesisvideo:ListFragments',
    ]),
    allow('Start', ['states:StartExecution'], stateMachineArn),
    allow('Watch', ['states:DescribeExecution'], executionsArn),
  ];
}

/** Its own log, and no other; the group is made by the stack. */
export function writeLog(logGroupArn: string): Statement {
  return allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], `${logGroupArn}:*`);
}

/** Lambda itself traces in the function's name; X-Ray has no resource to narrow it to (Service Authorization Reference). */
export function writeTraces(): Statement {
  return allow('Tracing', ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], '*');
}
