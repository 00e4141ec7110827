/** The workflow where whoever listens has a task of its own: what becomes of that task is nothing to the recording. */
import validateAsl from 'asl-validator';
import { describe, expect, it } from 'vitest';
import { apartWorkflow } from '../../contract/apart-workflow.ts';
import { START_AGAIN } from '../../contract/live-states.ts';
import { STATES } from '../../contract/record-states.ts';
import { RUN_VARIABLES } from '../../contract/variables.ts';
import { workflow } from '../../contract/workflow.ts';
import { execute, type ExecutionOutcome, type Resource } from '../../local/standins/execution.ts';
import { StatesError } from '../../local/standins/states-error.ts';
import { WORKFLOW_RESOURCES } from '../../local/standins/workflow-resources.ts';

const OPTIONS = { ...WORKFLOW_RESOURCES, spot: true, longestCallSeconds: 600 };
const LISTENING = { taskDefinitionArn: 'listen-task', containerName: 'listener' };
const INPUT = {
  recordingId: 'r',
  contactId: 'c',
  startFragmentNumber: '10',
  streamArn: 's',
  startedAt: 't',
  instanceArn: 'i',
};

const both = (spot: boolean) => apartWorkflow({ ...OPTIONS, spot }, LISTENING).States[STATES.both];

describe.each([true, false])('with spot %s', (spot) => {
  const plain = workflow({ ...OPTIONS, spot });
  const definition = apartWorkflow({ ...OPTIONS, spot }, LISTENING);

  it('is valid Amazon States Language', () => {
    const { isValid, errorsText } = validateAsl(definition);
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  it('is the workflow without listeners, to the byte, and a branch beside it', () => {
    const [recording, listening] = both(spot).Branches;

    expect(JSON.stringify(recording)).toBe(JSON.stringify({ StartAt: plain.StartAt, States: plain.States }));
    expect(Object.keys(definition.States)).toEqual([STATES.both]);
    expect(Object.keys(listening.States).filter((name) => name in plain.States)).toEqual([]);
  });

  it('has whoever listens told which recording it is, On-Demand, and waits for none of it', () => {
    const [, listening] = both(spot).Branches;
    const states = listening.States;
    const told = Object.values(RUN_VARIABLES).map((Name) => expect.objectContaining({ Name }) as unknown);

    expect(states).toMatchObject({
      [STATES.listen]: {
        Resource: 'arn:aws:states:::ecs:runTask',
        Parameters: {
          TaskDefinition: 'listen-task',
          CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE' }],
          Overrides: { ContainerOverrides: [{ Name: 'listener', Environment: told }] },
        },
        Catch: [{ ErrorEquals: ['States.ALL'], Next: STATES.leftAlone }],
      },
    });
    expect(JSON.stringify(states)).not.toContain('.sync');
    // What has no catch, and could end the recorder's branch with it, is no more than these.
    expect(Object.values(states).map(({ Type }) => Type)).toEqual(['Choice', 'Wait', 'Task', 'Succeed']);
  });

  it('reads no path that the recording’s branch doesn’t: one that is missing would end both', () => {
    const pathsOf = (branch: object) => new Set(JSON.stringify(branch).match(/\$\$?\.[\w.]+/g));
    const [recording, listening] = both(spot).Branches;
    const read = pathsOf(listening);
    // It is looked whether this one is there.
    read.delete('$.live');

    expect([...read].filter((path) => !pathsOf(recording).has(path))).toEqual([]);
    expect(read.size).toBe(Object.keys(RUN_VARIABLES).length);
  });

  it('lasts minutes at most beside a recording, so that no execution is long over time', () => {
    const { [STATES.listen]: listen, [STATES.recorderFirst]: first } = both(spot).Branches[1].States;
    const retry = START_AGAIN;
    expect(listen.Retry).toEqual([retry]);
    const waits = Array.from({ length: retry.MaxAttempts }, (_, nth) => retry.IntervalSeconds * 2 ** nth);
    const tries = (retry.MaxAttempts + 1) * listen.TimeoutSeconds;

    expect(retry.ErrorEquals).not.toContain('States.ALL');
    expect(first.Seconds + tries + waits.reduce((sum, one) => sum + one, 0)).toBeLessThan(180);
  });
});

interface Played {
  readonly outcome: ExecutionOutcome;
  /** Of the recorder’s task and the assembly, in order, how each was asked for. */
  readonly recording: readonly string[];
  /** How often a task was begun that listens, or refused. */
  readonly asked: number;
}

interface Playing {
  readonly live?: string;
  /** What RunTask does for whoever listens. */
  readonly listen?: Resource;
  /** What becomes of the recorder’s first task. */
  readonly record?: () => void;
  readonly status?: string;
  readonly onAssembly?: () => void;
}

let plays = 0;

/** One execution. @param definition of the workflow, with listeners or without */
async function play(definition: object, playing: Playing): Promise<Played> {
  const { live, listen, record, onAssembly, status = 'COMPLETE' } = playing;
  const recording: string[] = [];
  let asked = 0;
  const execution = execute(
    {
      stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:callspool',
      definition: JSON.stringify(definition),
      resources: {
        'arn:aws:states:::ecs:runTask.sync': (parameters) => {
          recording.push(JSON.stringify(parameters));
          if (recording.length === 1) record?.();
          return {};
        },
        'arn:aws:states:::ecs:runTask': (parameters, signal) => {
          asked += 1;
          return listen?.(parameters, signal) ?? { Failures: [], Tasks: [{}] };
        },
        'arn:aws:states:::lambda:invoke': (parameters) => {
          recording.push(JSON.stringify(parameters));
          onAssembly?.();
          return { Payload: { status } };
        },
      },
      retryMs: 0,
    },
    `play-${String((plays += 1))}`,
    JSON.stringify({ ...INPUT, ...(live !== undefined && { live }) }),
  );
  const { stoppedAtMs, ...outcome } = await execution.settled;
  expect(stoppedAtMs).toBeGreaterThan(0);
  // The name of the execution is told to tasks.
  const told = recording.map((text) => text.replace(/play-\d+/g, 'play'));
  return { outcome: { ...outcome, stoppedAtMs: 0 }, recording: told, asked };
}

const refusal = (error: string) => () => {
  throw new StatesError(error, 'refused');
};
const PLAIN = workflow(OPTIONS);
const APART = apartWorkflow(OPTIONS, LISTENING);

describe('a recording', () => {
  it.each<[string, Playing, number]>([
    ['is begun', {}, 1],
    ['is refused, and no other try mends it', { listen: refusal('ECS.AccessDeniedException') }, 1],
    ['finds no capacity, again and again', { listen: refusal('AmazonECS.Unknown') }, 5],
    ['is throttled, again and again', { listen: refusal('ECS.ThrottlingException') }, 5],
    ['is answered with what nobody knows', { listen: () => ({ Failures: [{ Reason: 'RESOURCE:ENI' }] }) }, 1],
    ['fails as nothing ever has', { listen: refusal('States.TaskFailed') }, 1],
  ])('goes the same way where the task that listens %s', async (_, playing, asked) => {
    for (const status of ['COMPLETE', 'FAILED']) {
      const listened = await play(APART, { ...playing, live: 'on', status });
      const alone = await play(PLAIN, { live: 'on', status });

      expect(listened.recording).toEqual(alone.recording);
      expect(listened.outcome.status).toBe(alone.outcome.status);
      expect(listened.outcome.output).toBe(alone.outcome.output);
      expect(listened.outcome.error).toBe(alone.outcome.error);
      expect(alone.asked).toBe(0);
      // The end of a recording that failed ends what goes on beside it.
      if (status !== 'FAILED') expect(listened.asked).toBe(asked);
    }
  });

  it('goes the same way, On-Demand and all, where its own task fails', async () => {
    const record = refusal('States.TaskFailed');
    const listened = await play(APART, { live: 'on', record });

    const { outcome, recording } = await play(PLAIN, { live: 'on', record });

    expect(listened).toMatchObject({ outcome, recording });
    expect(recording.length).toBeGreaterThan(2);
  });

  it('is assembled while ECS doesn’t answer for whoever listens', async () => {
    const answer = Promise.withResolvers<Record<string, never>>();
    const asked = Promise.withResolvers<undefined>();
    const assembled = Promise.withResolvers<undefined>();
    const playing = play(APART, {
      live: 'on',
      listen: () => {
        asked.resolve(undefined);
        return answer.promise;
      },
      onAssembly: () => {
        assembled.resolve(undefined);
      },
    });

    await Promise.all([asked.promise, assembled.promise]);
    answer.resolve({});
    expect((await playing).outcome).toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each(['off', undefined])('nobody listens to where its input says %s', async (live) => {
    const { asked, ...rest } = await play(APART, live === undefined ? {} : { live });
    const { asked: none, ...alone } = await play(PLAIN, live === undefined ? {} : { live });

    expect([asked, none]).toEqual([0, 0]);
    expect(rest).toEqual(alone);
  });
});
