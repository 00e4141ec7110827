/**
 * The workflow where whoever listens has a task of its own: the workflow as it is without listeners, whole and unchanged, and
 * beside it, in another branch, what begins that task.
 *
 * Nothing there may delay, fail or end a recording. So the recording's branch has all that a recording needs, up to the
 * assembly and its end, and waits for nothing of the other; that one begins a task and doesn't wait for it, since a failure, or a
 * task that hangs, would be the workflow's otherwise; it catches whatever can be caught. Two things can't be, and would end both
 * branches (Step Functions developer guide, "Error names"): a path that is missing, so that it reads none but those that the
 * recording's branch reads; and more than 256 KiB of output, of which RunTask's answer for one task has a few. It lasts
 * for some two minutes at most (five tries of 20 s, and what is waited for between them): so much later a short call's execution may
 * end, when all of the recording is done.
 *
 * Nobody watches the task: it leaves by itself, when the recording has ended and after a limit (live/leaving.ts).
 */
import { IS_LISTENED_TO, START_AGAIN } from './live-states.ts';
import { DISCARD_OUTPUT, STATES, taskParameters, type WorkflowOptions } from './record-states.ts';
import { workflow } from './workflow.ts';

export interface ListeningTask {
  /** The task definition with whoever listens, and no recorder. */
  readonly taskDefinitionArn: string;
  /** The container that is told which recording it is. */
  readonly containerName: string;
}

/** ECS begins so many tasks a second: the recorder asks first. What is heard lies on the tape later than that. */
const RECORDER_FIRST_SECONDS = 10;
/** RunTask answers within a second or so. One that doesn't may have begun a task: it isn't asked again. */
const START_SECONDS_MAX = 20;

/** @returns the definition as a plain object, as {@link workflow} does. */
export function apartWorkflow(options: WorkflowOptions, listening: ListeningTask) {
  const { Comment, ...recording } = workflow(options);
  const branches: [typeof recording, ReturnType<typeof listeningBranch>] = [
    recording,
    listeningBranch(options, listening),
  ];
  return {
    Comment: `${Comment}; beside it, whoever listens is begun`,
    StartAt: STATES.both,
    States: {
      [STATES.both]: {
        Type: 'Parallel',
        Branches: branches,
        // What the recording's branch comes to.
        OutputPath: '$[0]',
        End: true,
      },
    },
  };
}

function listeningBranch(options: WorkflowOptions, { taskDefinitionArn, containerName }: ListeningTask) {
  return {
    StartAt: STATES.isListenedTo,
    States: {
      [STATES.isListenedTo]: {
        Type: 'Choice',
        Choices: [{ And: IS_LISTENED_TO, Next: STATES.recorderFirst }],
        Default: STATES.leftAlone,
      },
      [STATES.recorderFirst]: { Type: 'Wait', Seconds: RECORDER_FIRST_SECONDS, Next: STATES.listen },
      [STATES.listen]: {
        Type: 'Task',
        // Without `.sync`: begun, and left alone.
        Resource: 'arn:aws:states:::ecs:runTask',
        TimeoutSeconds: START_SECONDS_MAX,
        // On-Demand: Spot would take a listener away that nobody begins anew.
        Parameters: taskParameters(options, 'FARGATE', {
          taskDefinitionArn,
          containerNames: [containerName],
        }),
        ResultPath: DISCARD_OUTPUT,
        Retry: [START_AGAIN],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: DISCARD_OUTPUT, Next: STATES.leftAlone }],
        Next: STATES.leftAlone,
      },
      [STATES.leftAlone]: { Type: 'Succeed' },
    },
  };
}
