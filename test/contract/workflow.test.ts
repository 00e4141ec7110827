import validateAsl from 'asl-validator';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { STATES, type WorkflowOptions } from '../../contract/record-states.ts';
import { RUN_VARIABLES } from '../../contract/variables.ts';
import { workflow } from '../../contract/workflow.ts';

const OPTIONS: WorkflowOptions = {
  clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/callspool',
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/callspool:1',
  containerName: 'recorder',
  subnetIds: ['subnet-1'],
  securityGroupIds: ['sg-1'],
  assignPublicIp: true,
  assembleFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:callspool-assemble',
  callsTableName: 'callspool-calls',
  spot: true,
  longestCallSeconds: 3_600,
};

const Retrier = v.looseObject({
  MaxAttempts: v.number(),
  IntervalSeconds: v.optional(v.number(), 1),
  BackoffRate: v.optional(v.number(), 2),
  MaxDelaySeconds: v.optional(v.number(), Infinity),
});

/** Every JSONPath that a definition reads, wherever it stands. */
function pathsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(pathsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key.endsWith('.$') && typeof inner === 'string' ? [inner] : pathsOf(inner),
  );
}

describe.each([true, false])('workflow with spot %s', (spot) => {
  const definition = workflow({ ...OPTIONS, spot });

  it('is valid Amazon States Language', () => {
    const { isValid, errorsText } = validateAsl(definition);
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  it('begins on Spot only if that is wanted', () => {
    expect(definition.StartAt).toBe(spot ? STATES.spot : STATES.onDemand);
    expect(JSON.stringify(definition).includes('FARGATE_SPOT')).toBe(spot);
  });

  it('reads no path that the input lacks: that could not be caught', () => {
    const input = [
      'recordingId',
      'contactId',
      'startFragmentNumber',
      'streamArn',
      'startedAt',
      'instanceArn',
    ];
    const known = new Set([
      ...input.map((field) => `$.${field}`),
      '$$.Execution.Id',
      '$.Payload.status',
      'States.JsonToString($.error)',
    ]);
    expect(pathsOf(definition).filter((path) => !known.has(path))).toEqual([]);
  });

  it('gives the task every variable of its run', () => {
    const parameters: unknown =
      definition.States[STATES.onDemand].Parameters.Overrides.ContainerOverrides[0]?.Environment;
    const names = Object.values(RUN_VARIABLES).map((Name) => expect.objectContaining({ Name }) as unknown);
    expect(parameters).toEqual(names);
  });

  it('waits for hours, cheaply, for what may have an end: the assembly, and its own word', () => {
    const { [STATES.assemble]: assemble, [STATES.markFailed]: markFailed } = definition.States;
    for (const { Retry } of [assemble, markFailed]) {
      const last = v.parse(Retrier, Retry.at(-1));
      const waits = Array.from({ length: last.MaxAttempts }, (_, nth) =>
        Math.min(last.MaxDelaySeconds, last.IntervalSeconds * last.BackoffRate ** nth),
      );
      const mostHours = waits.reduce((sum, seconds) => sum + seconds, 0) / 3_600;

      expect(last).toMatchObject({ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL' });
      // With full jitter, half of that on average.
      expect(mostHours / 2).toBeGreaterThan(5);
      expect(mostHours).toBeLessThan(13);
    }
  });

  it('doesn’t try for hours what ran out of its time or its memory, and will again', () => {
    const [first, ...others] = definition.States[STATES.assemble].Retry;
    // Lambda's and Step Functions' words for both; the first retrier that names an error counts.
    expect(first?.ErrorEquals).toEqual(['States.Timeout', 'Sandbox.Timedout', 'Lambda.Unknown']);
    expect(first?.MaxAttempts).toBeLessThanOrEqual(20);
    expect(others).toHaveLength(1);
  });

  it('stays far within an execution’s history and price, however often it tries again', () => {
    const tries = Object.values(definition.States).flatMap((state) =>
      'Retry' in state ? state.Retry.map((retrier) => v.parse(Retrier, retrier).MaxAttempts + 1) : [],
    );
    const all = tries.reduce((sum, count) => sum + count, 0);

    // Five entries a try at most: scheduled, started, submitted, and how it ended; and the state's own.
    expect(all * 5).toBeLessThan(25_000 / 5);
    // 0.025 USD a thousand transitions (Step Functions pricing).
    expect((all * 0.025) / 1_000).toBeLessThan(0.02);
  });

  it('assembles whatever happened', () => {
    const { Catch } = definition.States[STATES.onDemand];
    expect(Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: STATES.assemble }]);
  });
});

const LIVE = {
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/callspool-live:1',
  containerNames: ['recorder', 'listener'],
  checkpointsTableName: 'callspool-checkpoints',
};

describe.each([true, false])('the workflow of calls that are listened to, with spot %s', (spot) => {
  const plain = workflow({ ...OPTIONS, spot });
  const definition = workflow({ ...OPTIONS, spot, live: LIVE });
  const states: Readonly<Record<string, unknown>> = definition.States;

  it('is valid Amazon States Language', () => {
    const { isValid, errorsText } = validateAsl(definition);
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  it('is the other one, with states before it', () => {
    expect(states).toMatchObject(plain.States);
    expect(states[STATES.isLive]).toMatchObject({ Default: plain.StartAt });
    expect(definition.StartAt).toBe(STATES.isLive);
    expect(JSON.stringify(definition).includes('FARGATE_SPOT')).toBe(spot);
  });

  it('bears an input that says nothing of it', () => {
    const { Choices } = v.parse(
      v.object({ Choices: v.tuple([v.object({ And: v.array(v.record(v.string(), v.unknown())) })]) }),
      states[STATES.isLive],
    );
    expect(Choices[0].And[0]).toEqual({ Variable: '$.live', IsPresent: true });
    expect(pathsOf(definition)).not.toContain('$.live');
  });

  it('tells recorder and listener which recording it is, within what ECS takes of overrides', () => {
    const { Parameters } = v.parse(
      v.object({
        Parameters: v.object({
          TaskDefinition: v.string(),
          Overrides: v.object({
            ContainerOverrides: v.array(v.object({ Name: v.string(), Environment: v.array(v.unknown()) })),
          }),
        }),
      }),
      states[STATES.liveOnDemand],
    );
    const { ContainerOverrides } = Parameters.Overrides;

    expect(Parameters.TaskDefinition).toBe(LIVE.taskDefinitionArn);
    expect(ContainerOverrides.map(({ Name }) => Name)).toEqual(LIVE.containerNames);
    expect(ContainerOverrides[1]?.Environment).toEqual(ContainerOverrides[0]?.Environment);
    // 8,192 characters (RunTask, API reference); an ARN has 300 at most.
    const values = ContainerOverrides.flatMap(({ Environment }) => Environment).length * 300;
    expect(JSON.stringify(ContainerOverrides).length + values).toBeLessThan(8_192);
  });

  it('runs no task again of which a listener may be the only failure, before it has asked', () => {
    for (const name of [STATES.liveSpot, STATES.liveOnDemand].filter((one) => one in states)) {
      const { Retry, Catch } = v.parse(
        v.object({
          Retry: v.array(v.looseObject({ ErrorEquals: v.array(v.string()) })),
          Catch: v.array(v.unknown()),
        }),
        states[name],
      );
      expect(
        Retry.flatMap(({ ErrorEquals }) => ErrorEquals).filter((error) => error.startsWith('States.')),
      ).toEqual([]);
      expect(Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: STATES.readEnd }]);
    }
  });

  it('ends with a recorder alone, whatever fails', () => {
    expect(states[STATES.readEnd]).toMatchObject({
      Catch: [{ ErrorEquals: ['States.ALL'], Next: STATES.onDemand }],
    });
    expect(states[STATES.isOver]).toMatchObject({
      Choices: [
        { Variable: '$.stands.Item.ended', IsPresent: true, Next: STATES.assemble },
        { Variable: '$.liveFailedOnDemand', IsPresent: true, Next: STATES.onDemand },
      ],
      Default: STATES.liveOnDemand,
    });
  });
});
