/**
 * What comes before the workflow's own states where somebody listens while people talk. A call that nobody listens to goes
 * on as it always does, in a task with a recorder alone.
 *
 * Nothing that listens may cost a recording anything, and Step Functions takes a task for failed when any of its containers
 * left with another code than 0, essential or not: so did one that ECS stopped because the recorder had done, and was slow
 * to go. Nor does Fargate start a task of which it can't pull every image. So a task that failed isn't simply run again: if
 * the recording has ended, that was the listener's failure alone, and the assembly comes next; if not, it goes on On-Demand, and
 * where that fails, too, with a recorder alone, which is tried again as often as ever.
 */
import {
  DISCARD_OUTPUT,
  type LiveTasks,
  recordState,
  STATES,
  type WorkflowOptions,
} from './record-states.ts';

/** Where the failure of each is kept, so that the next state knows which it was. */
const FAILED = { spot: '$.liveFailedOnSpot', onDemand: '$.liveFailedOnDemand' } as const;
const STANDS = '$.stands';
/** An input of an earlier version lacks it: a path that is missing could not be caught. */
export const IS_LISTENED_TO = [
  { Variable: '$.live', IsPresent: true },
  { Variable: '$.live', StringEquals: 'on' },
];
/** A task can't be started now: nothing has run, so that nothing but the start is tried again ("AmazonECS.Unknown" is want of capacity). */
export const START_AGAIN = {
  ErrorEquals: [
    'AmazonECS.Unknown',
    'ECS.AmazonECSException',
    'ECS.ServerException',
    'ECS.ThrottlingException',
  ],
  IntervalSeconds: 1,
  MaxAttempts: 4,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};
/** A lookup that fails again costs the call its listeners, and nothing else. */
const LOOK_AGAIN = { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 };

/** @param plain the state that records with nobody listening; @returns undefined where nobody ever listens */
export function liveStates(options: WorkflowOptions, plain: string) {
  const { live, spot } = options;
  if (live === undefined) return undefined;
  const onDemand = { provider: 'FARGATE', failedAt: FAILED.onDemand } as const;
  const onSpot = { provider: 'FARGATE_SPOT', failedAt: FAILED.spot } as const;
  return {
    [STATES.isLive]: {
      Type: 'Choice',
      Choices: [{ And: IS_LISTENED_TO, Next: spot ? STATES.liveSpot : STATES.liveOnDemand }],
      Default: plain,
    },
    ...(spot && { [STATES.liveSpot]: recordLive(options, live, onSpot) }),
    [STATES.liveOnDemand]: recordLive(options, live, onDemand),
    [STATES.readEnd]: readEnd(live),
    [STATES.isOver]: {
      Type: 'Choice',
      Choices: [
        { Variable: `${STANDS}.Item.ended`, IsPresent: true, Next: STATES.assemble },
        { Variable: FAILED.onDemand, IsPresent: true, Next: STATES.onDemand },
      ],
      Default: STATES.liveOnDemand,
    },
  };
}

interface LiveState {
  readonly provider: 'FARGATE' | 'FARGATE_SPOT';
  readonly failedAt: string;
}

function recordLive(options: WorkflowOptions, live: LiveTasks, { provider, failedAt }: LiveState) {
  return {
    ...recordState(options, provider, live),
    Retry: [START_AGAIN],
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: failedAt, Next: STATES.readEnd }],
  };
}

/** The recorder writes it before it leaves with 0. */
function readEnd({ checkpointsTableName }: LiveTasks) {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::dynamodb:getItem',
    Parameters: {
      TableName: checkpointsTableName,
      Key: { recordingId: { 'S.$': '$.recordingId' } },
      ConsistentRead: true,
      ProjectionExpression: '#ended',
      ExpressionAttributeNames: { '#ended': 'ended' },
    },
    ResultPath: STANDS,
    Retry: [LOOK_AGAIN],
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: DISCARD_OUTPUT, Next: STATES.onDemand }],
    Next: STATES.isOver,
  };
}
