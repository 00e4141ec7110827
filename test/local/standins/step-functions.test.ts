import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from 'vitest';
import { ASSEMBLY_RETRIES_MAX, workflow } from '../../../contract/workflow.ts';
import { clientConfig } from '../../../local/standins/environment.ts';
import type { ExecutionEvent, Resource } from '../../../local/standins/execution.ts';
import type { Json } from '../../../local/standins/json.ts';
import { StatesError } from '../../../local/standins/states-error.ts';
import { startStepFunctions } from '../../../local/standins/step-functions.ts';

const ARN = 'arn:aws:states:us-east-1:123456789012:stateMachine:callspool';
const INPUT = {
  recordingId: 'call-1_a',
  contactId: 'call-1',
  startFragmentNumber: '10',
  streamArn: 'arn:aws:kinesisvideo:us-east-1:123456789012:stream/s/1',
  startedAt: '2026-01-01T00:00:00.000Z',
  instanceArn: 'arn:aws:connect:us-east-1:123456789012:instance/i',
};

const RUN_TASK = 'arn:aws:states:::ecs:runTask.sync';
const INVOKE = 'arn:aws:states:::lambda:invoke';
const UPDATE_ITEM = 'arn:aws:states:::dynamodb:updateItem';

const DEFINITION = workflow({
  clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/callspool',
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/callspool:1',
  containerName: 'recorder',
  subnetIds: ['subnet-1'],
  securityGroupIds: ['sg-1'],
  assignPublicIp: false,
  assembleFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:assemble',
  callsTableName: 'calls',
  spot: true,
  longestCallSeconds: 600,
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(resources: Record<string, Resource>, definition: object = DEFINITION) {
  const events: ExecutionEvent[] = [];
  const standin = await startStepFunctions();
  closing.push(() => standin.close());
  standin.createStateMachine({
    stateMachineArn: ARN,
    definition: JSON.stringify(definition),
    resources,
    retryMs: 0,
    onEvent: (event) => events.push(event),
  });
  const client = new SFNClient(clientConfig(standin.url));
  closing.push(() => {
    client.destroy();
    return Promise.resolve();
  });
  const begin = (name: string, input: object = INPUT) =>
    client.send(new StartExecutionCommand({ stateMachineArn: ARN, name, input: JSON.stringify(input) }));
  return { standin, client, begin, events };
}

/** The matcher, without its `any`. */
const contains = (items: unknown[]): unknown => expect.arrayContaining(items);

const never: Resource = (_, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new StatesError('States.TaskFailed', 'stopped'));
    });
  });

test('the deployed definition runs: input, execution id and results go where they should', async () => {
  const asked: Record<string, Json[]> = { runTask: [], invoke: [] };
  const { standin, client, begin } = await start({
    [RUN_TASK]: (parameters) => asked.runTask?.push(parameters) ?? 0,
    [INVOKE]: (parameters) => {
      asked.invoke?.push(parameters);
      return { StatusCode: 200, Payload: { status: 'COMPLETE', more: 1 } };
    },
  });

  const { executionArn } = await begin('call-1_a');
  await standin.executions()[0]?.settled;

  expect(executionArn).toBe('arn:aws:states:us-east-1:123456789012:execution:callspool:call-1_a');
  expect(asked.runTask).toMatchObject([
    {
      Overrides: {
        ContainerOverrides: [
          {
            Name: 'recorder',
            Environment: contains([
              { Name: 'CALLSPOOL_CONTACT_ID', Value: 'call-1' },
              { Name: 'CALLSPOOL_START_FRAGMENT_NUMBER', Value: '10' },
              { Name: 'CALLSPOOL_EXECUTION_ARN', Value: executionArn },
            ]),
          },
        ],
      },
    },
  ]);
  expect(asked.invoke).toMatchObject([{ Payload: { ...INPUT, executionArn } }]);
  const described = await client.send(new DescribeExecutionCommand({ executionArn }));
  expect(described).toMatchObject({
    status: 'SUCCEEDED',
    name: 'call-1_a',
    input: JSON.stringify(INPUT),
    output: JSON.stringify({ status: 'COMPLETE' }),
  });
});

test('a task that fails is tried twice more on Spot, then On-Demand, and assembled in any case', async () => {
  const providers: unknown[] = [];
  const { standin, begin, events } = await start({
    [RUN_TASK]: (parameters) => {
      providers.push((parameters as { CapacityProviderStrategy: object[] }).CapacityProviderStrategy[0]);
      throw new StatesError('States.TaskFailed', 'exit 1');
    },
    [INVOKE]: () => ({ Payload: { status: 'INCOMPLETE' } }),
  });

  await begin('call-1_a');
  const outcome = await standin.executions()[0]?.settled;

  const spot = { CapacityProvider: 'FARGATE_SPOT', Weight: 1 };
  const onDemand = { CapacityProvider: 'FARGATE', Weight: 1 };
  expect(providers).toEqual([spot, spot, spot, ...Array.from({ length: 301 }, () => onDemand)]);
  expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: '{"status":"INCOMPLETE"}' });
  expect(events.filter(({ type }) => type === 'StateCaught').map(({ state }) => state)).toEqual([
    'RecordOnSpot',
    'RecordOnDemand',
  ]);
});

test('an assembly that fails again and again is told to the record, and the execution fails', async () => {
  const updates: Json[] = [];
  let invoked = 0;
  const { standin, client, begin } = await start({
    [RUN_TASK]: () => null,
    [INVOKE]: () => {
      invoked++;
      throw new StatesError('TypeError', '{"errorMessage":"no"}');
    },
    [UPDATE_ITEM]: (parameters) => {
      updates.push(parameters);
      return {};
    },
  });

  const { executionArn } = await begin('call-1_a');
  await standin.executions()[0]?.settled;

  expect(invoked).toBe(1 + ASSEMBLY_RETRIES_MAX);
  expect(updates).toMatchObject([
    {
      Key: { contactId: { S: 'call-1' }, startFragmentNumber: { S: '10' } },
      ExpressionAttributeValues: {
        // The library's States.JsonToString leaves the quotes within a string as they are; Step Functions doesn't.
        ':error': { S: '{"Error":"TypeError","Cause":"{"errorMessage":"no"}"}' },
        ':execution': { S: executionArn },
      },
    },
  ]);
  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'FAILED',
    error: 'RecordingFailed',
  });
});

test('the same start again is the same execution while it runs; later, or with other input, it is refused', async () => {
  const { standin, begin } = await start({ [RUN_TASK]: never });

  const first = await begin('call-1_a');
  const again = await begin('call-1_a');
  await expect(begin('call-1_a', { ...INPUT, startedAt: 'another' })).rejects.toThrow(ExecutionAlreadyExists);
  standin.executions()[0]?.abort();
  await standin.executions()[0]?.settled;

  expect(again.executionArn).toBe(first.executionArn);
  expect(standin.executions()).toHaveLength(1);
  await expect(begin('call-1_a')).rejects.toThrow(ExecutionAlreadyExists);
});

test('stopping an execution stops what it runs, and nothing is tried again', async () => {
  let runs = 0;
  let stopped = 0;
  const { client, begin } = await start({
    [RUN_TASK]: (parameters, signal) => {
      runs++;
      signal.addEventListener('abort', () => stopped++);
      return never(parameters, signal);
    },
  });

  const { executionArn } = await begin('call-1_a');
  await expect.poll(() => runs).toBe(1);
  await client.send(new StopExecutionCommand({ executionArn }));

  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'ABORTED',
  });
  expect([runs, stopped]).toEqual([1, 1]);
});

test('a task state that runs out of time stops its task, and is tried again', async () => {
  let stopped = 0;
  const states = {
    StartAt: 'T',
    States: {
      T: {
        Type: 'Task',
        Resource: RUN_TASK,
        TimeoutSeconds: 1,
        Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1 }],
        End: true,
      },
    },
  };
  const { standin, begin } = await start(
    {
      [RUN_TASK]: (parameters, signal) => {
        signal.addEventListener('abort', () => stopped++);
        return never(parameters, signal);
      },
    },
    states,
  );

  await begin('slow');
  const outcome = await standin.executions()[0]?.settled;

  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  await expect.poll(() => stopped).toBe(2);
});

test('executions are listed, the newest first, by page and status', async () => {
  const { standin, client, begin } = await start({ [RUN_TASK]: never });
  for (const name of ['a', 'b', 'c']) await begin(name);
  standin.executions()[1]?.abort();
  await standin.executions()[1]?.settled;
  const list = (more: object) => client.send(new ListExecutionsCommand({ stateMachineArn: ARN, ...more }));

  const page = await list({ maxResults: 2 });
  const rest = await list({ maxResults: 2, nextToken: page.nextToken });

  expect([...(page.executions ?? []), ...(rest.executions ?? [])].map(({ name }) => name)).toEqual([
    'c',
    'b',
    'a',
  ]);
  expect(rest.nextToken).toBeUndefined();
  expect((await list({ statusFilter: 'ABORTED' })).executions?.map(({ name }) => name)).toEqual(['b']);
});

test('an invalid definition is refused', async () => {
  await expect(start({}, { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } })).rejects.toThrow(
    /invalid/,
  );
});

test('what does not exist is refused by its own error', async () => {
  const { client } = await start({});
  await expect(
    client.send(new StartExecutionCommand({ stateMachineArn: `${ARN}2`, name: 'x' })),
  ).rejects.toThrow(StateMachineDoesNotExist);
  await expect(client.send(new DescribeExecutionCommand({ executionArn: 'x' }))).rejects.toThrow(
    ExecutionDoesNotExist,
  );
});
