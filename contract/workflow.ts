/**
 * The workflow of one recording, in Amazon States Language (JSONPath): record on Spot → or On-Demand →
 * (whatever happened) assemble → done, or Fail where the record says FAILED, so that it is seen.
 * One definition, deployed by the stack and run by the local system.
 */
import type { LiveChoice } from '../recording/call-record.ts';
import { liveStates } from './live-states.ts';
import { DISCARD_OUTPUT, recordState, STATES, type WorkflowOptions } from './record-states.ts';

/**
 * What the connect Lambda starts an execution with. Every value is a non-empty string: a path that is missing
 * in the input raises States.Runtime, which no Catch can catch.
 */
export interface ExecutionInput {
  readonly recordingId: string;
  readonly contactId: string;
  readonly startFragmentNumber: string;
  readonly streamArn: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly instanceArn: string;
  /** Whether whoever listens while people talk is given the call. */
  readonly live: LiveChoice;
}

/** What the assembly is invoked with: it makes the same of a call that somebody has listened to. */
export type AssembleInput = Omit<ExecutionInput, 'live'> & { readonly executionArn: string };

/** The assembly may take as long as a Lambda may run. */
const ASSEMBLE_SECONDS_MAX = 900;
/**
 * What may have an end, an outage of S3, DynamoDB or Lambda, is waited for: 150 tries with waits of up to five minutes, half
 * of that on average, are 5 to 7 hours. They cost little: state transitions for less than a cent, and at most five
 * entries each of the 25,000 that an execution's history holds.
 */
export const ASSEMBLY_RETRIES_MAX = 150;
const OUTAGE_RETRY = {
  ErrorEquals: ['States.ALL'],
  IntervalSeconds: 2,
  MaxAttempts: ASSEMBLY_RETRIES_MAX,
  BackoffRate: 2,
  MaxDelaySeconds: 300,
  JitterStrategy: 'FULL',
};
/**
 * An assembly that ran into its time or its memory will do so again, and each try is a quarter of an hour of Lambda: 21 of them
 * cost up to 0.25 USD. Lambda names both by either of the last two (Step Functions developer guide, "Error names").
 */
const EXHAUSTED_RETRY = {
  ...OUTAGE_RETRY,
  ErrorEquals: ['States.Timeout', 'Sandbox.Timedout', 'Lambda.Unknown'],
  MaxAttempts: 20,
};
/** The record has come to another end already, or belongs to another execution. */
const REFUSED = 'DynamoDB.ConditionalCheckFailedException';

/** @returns the definition as a plain object; `JSON.stringify` makes it what Step Functions takes. */
export function workflow(options: WorkflowOptions) {
  const plain = options.spot ? STATES.spot : STATES.onDemand;
  const live = liveStates(options, plain);
  return {
    Comment: 'Records one call: record, then assemble, whatever happened',
    StartAt: live ? STATES.isLive : plain,
    States: {
      ...live,
      ...(options.spot && {
        [STATES.spot]: {
          ...recordState(options, 'FARGATE_SPOT'),
          Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 }],
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: DISCARD_OUTPUT, Next: STATES.onDemand }],
        },
      }),
      [STATES.onDemand]: {
        ...recordState(options, 'FARGATE'),
        // A stream without retention forgets after 5 minutes: come back soon, and often.
        Retry: [
          {
            ErrorEquals: ['States.ALL'],
            IntervalSeconds: 1,
            MaxAttempts: 300,
            BackoffRate: 2,
            MaxDelaySeconds: 30,
            JitterStrategy: 'FULL',
          },
        ],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: DISCARD_OUTPUT, Next: STATES.assemble }],
      },
      [STATES.assemble]: assembleState(options),
      [STATES.markFailed]: markFailedState(options),
      [STATES.choose]: {
        Type: 'Choice',
        Choices: [{ Variable: '$.status', StringEquals: 'FAILED', Next: STATES.failed }],
        Default: STATES.done,
      },
      [STATES.done]: { Type: 'Succeed' },
      [STATES.failed]: {
        Type: 'Fail',
        Error: 'RecordingFailed',
        Cause: 'No WAV could be made; the call record says why',
      },
    },
  };
}

function assembleState(options: WorkflowOptions) {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    TimeoutSeconds: ASSEMBLE_SECONDS_MAX + 60,
    Parameters: {
      FunctionName: options.assembleFunctionArn,
      Payload: {
        'recordingId.$': '$.recordingId',
        'contactId.$': '$.contactId',
        'startFragmentNumber.$': '$.startFragmentNumber',
        'streamArn.$': '$.streamArn',
        'startedAt.$': '$.startedAt',
        'instanceArn.$': '$.instanceArn',
        'executionArn.$': '$$.Execution.Id',
      },
    },
    ResultSelector: { 'status.$': '$.Payload.status' },
    // Assembling again gives the same bytes, so that every failure may be tried again.
    Retry: [EXHAUSTED_RETRY, OUTAGE_RETRY],
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: STATES.markFailed }],
    Next: STATES.choose,
  };
}

/**
 * Says FAILED, and why, where the assembly itself could not: on a record that is this execution's and under way. An end that
 * it has come to stands, and what an earlier assembly has put into it (audio, losses) stays.
 */
function markFailedState(options: WorkflowOptions) {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::dynamodb:updateItem',
    Parameters: {
      TableName: options.callsTableName,
      Key: {
        contactId: { 'S.$': '$.contactId' },
        startFragmentNumber: { 'S.$': '$.startFragmentNumber' },
      },
      UpdateExpression: 'SET #status = :failed, #why = :why, #error = :error',
      ConditionExpression: '#execution = :execution AND #status IN (:recording, :assembling)',
      ExpressionAttributeNames: {
        '#status': 'status',
        '#why': 'why',
        '#error': 'error',
        '#execution': 'executionArn',
      },
      ExpressionAttributeValues: {
        ':failed': { S: 'FAILED' },
        ':recording': { S: 'RECORDING' },
        ':assembling': { S: 'ASSEMBLING' },
        ':why': {
          S: 'The assembly failed again and again, for hours. The tape is kept, and so is what an earlier assembly has made of it (audio, losses): find the cause in the assemble function’s log, then resume the recording.',
        },
        // The whole error as text: a time-out has no Cause, and a missing path could not be caught.
        ':error': { 'S.$': 'States.JsonToString($.error)' },
        ':execution': { 'S.$': '$$.Execution.Id' },
      },
    },
    ResultPath: DISCARD_OUTPUT,
    Retry: [{ ErrorEquals: [REFUSED], MaxAttempts: 0 }, OUTAGE_RETRY],
    Catch: [
      { ErrorEquals: [REFUSED], ResultPath: DISCARD_OUTPUT, Next: STATES.done },
      { ErrorEquals: ['States.ALL'], ResultPath: DISCARD_OUTPUT, Next: STATES.failed },
    ],
    Next: STATES.failed,
  };
}
