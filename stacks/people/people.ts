/**
 * What people need: to look at calls, fetch recordings and resume them; and, apart from that, to examine the
 * deployment, and to erase what is kept of a caller. Policies to attach to a role or a group; nothing uses them by itself.
 */
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy/index.js';
import type { Construct } from 'constructs';
import { ALL_FUNCTIONS, FUNCTIONS } from '../../contract/names.ts';
import { RECORDINGS_PREFIX } from '../../recording/audio/files/keys.ts';
import { TAPE_PREFIX } from '../../recording/tape/keys.ts';
import { LIVE_PREFIX } from '../../recording/tape/live-keys.ts';
import { arnOf } from '../config/place.ts';
import type { AccessLogs } from '../data/access-logs.ts';
import {
  allow,
  policyDocument,
  type Statement,
  streams,
  tableKey,
  type Targets,
  useKey,
} from '../policies/policies.ts';
import { type DoctorParts, doctorStatements } from './doctor-policy.ts';
import { auditorStatements, eraseCopies, seeLogging } from './watched-policies.ts';

export interface PeoplePolicies {
  readonly operatorArn: string;
  readonly doctorArn: string;
  readonly eraserArn: string;
  readonly transcriberArn: string;
  /** Undefined: there are no access logs. */
  readonly auditorArn: string | undefined;
}

export interface PeopleParts extends DoctorParts {
  /** Undefined: there are none. */
  readonly logs: AccessLogs | undefined;
}

export function peoplePolicies(scope: Construct, parts: PeopleParts): PeoplePolicies {
  const operator = new IamPolicy(scope, 'operator', {
    name: parts.names.peoplePolicy('operator'),
    description: 'Looks at calls and logs, fetches recordings, resumes them',
    policy: policyDocument(operatorStatements(parts)),
  });
  const eraser = new IamPolicy(scope, 'eraser', {
    name: parts.names.peoplePolicy('eraser'),
    description: 'Erases what is kept of a caller: beside the policy of operators',
    policy: policyDocument(eraserStatements(parts)),
  });
  const transcriber = new IamPolicy(scope, 'transcriber', {
    name: parts.names.peoplePolicy('transcriber'),
    description: 'Writes down what was said in finished recordings: beside the policy of operators',
    policy: policyDocument(transcriberStatements(parts)),
  });
  const doctor = new IamPolicy(scope, 'doctor', {
    name: parts.names.peoplePolicy('doctor'),
    description: 'Examines the deployment: beside the policy of operators',
    policy: policyDocument(doctorStatements(parts)),
  });
  return {
    operatorArn: operator.arn,
    doctorArn: doctor.arn,
    eraserArn: eraser.arn,
    transcriberArn: transcriber.arn,
    auditorArn: parts.logs && auditor(scope, parts, parts.logs).arn,
  };
}

function auditor(scope: Construct, { names, targets }: PeopleParts, logs: AccessLogs): IamPolicy {
  return new IamPolicy(scope, 'auditor', {
    name: names.peoplePolicy('auditor'),
    description: 'Reads who fetched which recording; hears none of them',
    policy: policyDocument(auditorStatements(targets, logs)),
  });
}

const objectsOf = ({ bucketArn }: Targets) => [
  `${bucketArn}/${TAPE_PREFIX}*`,
  `${bucketArn}/${RECORDINGS_PREFIX}*`,
];

/**
 * What a resumption names in its writes, conditions and keys included. Whoever resumes changes nothing else of a record: not
 * whose call it was, nor where its audio is.
 */
export const RESUMED_ATTRIBUTES = {
  calls: [
    'contactId',
    'executionArn',
    'resumptionCount',
    'resumptions',
    'start',
    'startFailed',
    'startFragmentNumber',
    'status',
    'why',
  ],
  checkpoints: ['attempt', 'ended', 'endedBefore', 'expiresAt', 'owner', 'recordingId', 'updatedAt'],
} as const;

/** The same of an erasure, which tells a record where the one behind it began. */
export const ERASED_ATTRIBUTES = [
  'contactId',
  'erasedBehind',
  'erasedBehindLive',
  'nextKnownFrom',
  'nextStartFragmentNumber',
  'recordingId',
  'startFragmentNumber',
] as const;

/** The same of writing down what was said in a finished recording, which a record tells of. */
export const TRANSCRIBED_ATTRIBUTES = [
  'contactId',
  'recordingId',
  'startFragmentNumber',
  'transcript',
] as const;

/** DynamoDB tells every attribute that a request names. */
const onlyAttributes = (names: readonly string[]) => ({
  'ForAllValues:StringEquals': { 'dynamodb:Attributes': names },
});

function operatorStatements(parts: PeopleParts): Statement[] {
  const { names, place, targets, stateMachineArn } = parts;
  const { bucketArn, callsTableArn, checkpointsTableArn, transcriptsTableArn } = targets;
  return [
    allow('List', ['s3:ListBucket'], bucketArn),
    allow('Fetch', ['s3:GetObject'], objectsOf(targets)),
    useKey('FetchKey', targets, 's3', ['kms:Decrypt']),
    allow(
      'Look',
      ['dynamodb:GetItem', 'dynamodb:Query'],
      [callsTableArn, `${callsTableArn}/index/*`, checkpointsTableArn],
    ),
    allow('Read', ['dynamodb:Query'], transcriptsTableArn),
    allow('ResumeCalls', ['dynamodb:UpdateItem'], callsTableArn, onlyAttributes(RESUMED_ATTRIBUTES.calls)),
    allow(
      'ResumeCheckpoints',
      ['dynamodb:UpdateItem'],
      checkpointsTableArn,
      onlyAttributes(RESUMED_ATTRIBUTES.checkpoints),
    ),
    tableKey(targets),
    allow('Start', ['states:ListExecutions', 'states:StartExecution'], stateMachineArn),
    allow(
      'Watch',
      ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
      arnOf(place, 'states', `execution:${names.stateMachine}:*`),
    ),
    allow('Logs', ['logs:FilterLogEvents', 'logs:StartQuery'], logGroups(parts)),
    // Service Authorization Reference: an action without resource types.
    allow('LogAnswers', ['logs:GetQueryResults'], '*'),
    allow(
      'DeadLetters',
      ['sqs:GetQueueUrl', 'sqs:PurgeQueue', 'sqs:ReceiveMessage'],
      arnOf(place, 'sqs', names.deadLetters),
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

function logGroups({ names, place, targets }: PeopleParts): string[] {
  const functions = targets.asksConnectArn === undefined ? FUNCTIONS : ALL_FUNCTIONS;
  const groups = [names.taskLog, ...functions.map((name) => names.functionLog(name))];
  return groups.map((group) => arnOf(place, 'logs', `log-group:${group}:*`));
}

/**
 * Versions too: without them what was erased could be brought back for a week. A tape that holds the beginning of an
 * erased recording is written without it, and a checkpoint is replaced by its tombstone, never deleted.
 */
function eraserStatements({ targets, replica, logs }: PeopleParts): Statement[] {
  return [
    allow('FindVersions', ['s3:ListBucketMultipartUploads', 's3:ListBucketVersions'], targets.bucketArn),
    allow(
      'EraseObjects',
      ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      [...objectsOf(targets), `${targets.bucketArn}/${LIVE_PREFIX}*`],
    ),
    allow('CutTapes', ['s3:PutObject'], `${targets.bucketArn}/${TAPE_PREFIX}*`),
    useKey('CutTapesKey', targets, 's3', ['kms:GenerateDataKey']),
    allow('EraseRecords', ['dynamodb:DeleteItem'], targets.callsTableArn),
    allow('NoteNext', ['dynamodb:UpdateItem'], targets.callsTableArn, onlyAttributes(ERASED_ATTRIBUTES)),
    allow('EraseWords', ['dynamodb:DeleteItem'], targets.transcriptsTableArn),
    allow('Tombstones', ['dynamodb:PutItem'], targets.checkpointsTableArn),
    tableKey(targets),
    ...(logs === undefined ? [] : [seeLogging(targets)]),
    ...(replica === undefined ? [] : eraseCopies(targets, replica)),
  ];
}

/** `callspool calls transcribe`: rows, the files beside the WAV, and what the record says of them; and Transcribe, where it is asked. */
function transcriberStatements({ targets }: PeopleParts): Statement[] {
  const { bucketArn, callsTableArn, transcriptsTableArn } = targets;
  return [
    allow('Words', ['dynamodb:DeleteItem', 'dynamodb:UpdateItem'], transcriptsTableArn),
    allow('NoteWords', ['dynamodb:UpdateItem'], callsTableArn, onlyAttributes(TRANSCRIBED_ATTRIBUTES)),
    tableKey(targets),
    allow(
      'WriteWords',
      // Of a recording that is erased meanwhile they go again.
      ['s3:DeleteObject', 's3:PutObject', 's3:PutObjectTagging'],
      `${bucketArn}/${RECORDINGS_PREFIX}*.transcript.*`,
    ),
    useKey('WriteWordsKey', targets, 's3', ['kms:GenerateDataKey']),
    // Service Authorization Reference: an action without resource types.
    allow('Transcribe', ['transcribe:StartStreamTranscription'], '*'),
  ];
}
