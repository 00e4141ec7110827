import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExecutionInput } from '../../../contract/workflow.ts';
import { clientConfig } from '../../../local/standins/environment.ts';
import { startStepFunctions, type StepFunctionsStandin } from '../../../local/standins/step-functions.ts';
import type { ExecutionStates } from '../../../ports/executions/execution-states.ts';
import type { Executions } from '../../../ports/executions/executions.ts';
import { MemoryExecutionStates } from '../../../ports/executions/memory-execution-states.ts';
import { MemoryExecutions } from '../../../ports/executions/memory-executions.ts';
import { SfnExecutionStates } from '../../../ports/executions/sfn-execution-states.ts';
import { SfnExecutions } from '../../../ports/executions/sfn-executions.ts';
import {
  CONTACT_ID,
  INSTANCE_ARN,
  RECORDING_ID,
  STARTED_AT,
  STATE_MACHINE_ARN,
  STREAM_ARN,
} from '../../support/call.ts';

const INPUT: ExecutionInput = {
  recordingId: RECORDING_ID,
  contactId: CONTACT_ID,
  startFragmentNumber: '1',
  streamArn: STREAM_ARN,
  startedAt: STARTED_AT,
  instanceArn: INSTANCE_ARN,
  live: 'off',
};

const RESOURCE = 'arn:aws:states:::ecs:runTask.sync';

let standin: StepFunctionsStandin;
let sfn: SFNClient;
/** Ends every execution that waits. */
let finish: () => void;
beforeAll(async () => {
  standin = await startStepFunctions();
  sfn = new SFNClient(clientConfig(standin.url));
  standin.createStateMachine({
    stateMachineArn: STATE_MACHINE_ARN,
    definition: JSON.stringify({
      StartAt: 'Wait',
      States: { Wait: { Type: 'Task', Resource: RESOURCE, End: true } },
    }),
    resources: { [RESOURCE]: () => waiting },
  });
});
let waiting: Promise<null>;
beforeEach(() => {
  waiting = new Promise((resolve) => {
    finish = () => {
      resolve(null);
    };
  });
});
afterEach(() => {
  finish();
});
afterAll(async () => {
  sfn.destroy();
  await standin.close();
});

interface Adapter {
  readonly executions: Executions;
  readonly states: ExecutionStates;
  readonly end: (name: string) => Promise<unknown>;
}

const ADAPTERS: readonly { name: string; make: () => Adapter }[] = [
  {
    name: 'SfnExecutionStates',
    make: () => ({
      executions: new SfnExecutions(sfn, STATE_MACHINE_ARN),
      states: new SfnExecutionStates(sfn),
      end: async (name) => {
        finish();
        await standin.executions().find((execution) => execution.name === name)?.settled;
      },
    }),
  },
  {
    name: 'MemoryExecutionStates',
    make: () => {
      const executions = new MemoryExecutions();
      return {
        executions,
        states: new MemoryExecutionStates(executions),
        end: (name) => {
          const execution = executions.executions.get(name);
          if (execution) execution.over = true;
          return Promise.resolve();
        },
      };
    },
  },
];

describe.each(ADAPTERS)('$name', ({ name, make }) => {
  it('tells what never was from what runs and from what is over', async () => {
    const { executions, states, end } = make();
    const arn = executions.arnOf(name);
    expect(await states.stateOf(arn)).toBe('unknown');
    await executions.start(name, INPUT);
    expect(await states.stateOf(arn)).toBe('running');
    await end(name);
    expect(await states.stateOf(arn)).toBe('over');
  });
});

it('says that it can’t be told, when it can’t', async () => {
  const nobody = new SFNClient({ ...clientConfig('http://127.0.0.1:9'), maxAttempts: 1 });
  await expect(new SfnExecutionStates(nobody).stateOf('arn:aws:states:x')).rejects.toThrow();
  nobody.destroy();
});
