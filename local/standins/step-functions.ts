/** AWS Step Functions' stand-in: state machines, and their executions. */
import * as v from 'valibot';
import { startJsonService } from './aws-json.ts';
import { execute, type Execution, type MachineOptions, validate } from './execution.ts';
import { checked, epochSeconds, ServiceError } from './json.ts';
import type { Standin } from './standin.ts';

export interface StepFunctionsStandin extends Standin {
  /** @throws when the definition is invalid. */
  createStateMachine(options: MachineOptions): void;
  /** In the order in which they were started. */
  readonly executions: () => readonly Execution[];
}

const PAGE_MAX = 1000;
const PAGE_DEFAULT = 100;

const startExecution = v.object({
  stateMachineArn: v.string(),
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,80}$/, 'a name is 1 to 80 letters, digits, - and _')),
  input: v.optional(v.string(), '{}'),
});
const oneExecution = v.object({ executionArn: v.string() });
const listExecutions = v.object({
  stateMachineArn: v.string(),
  statusFilter: v.optional(v.string()),
  maxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(PAGE_MAX)), PAGE_DEFAULT),
  nextToken: v.optional(v.pipe(v.string(), v.regex(/^[0-9]{1,9}$/))),
});

/** Listens on 127.0.0.1, on a port of its own. Set `AWS_ENDPOINT_URL_SFN` to `url`. */
export async function startStepFunctions(): Promise<StepFunctionsStandin> {
  const machines = new Map<string, MachineOptions>();
  const executions = new Map<string, Execution>();
  const machine = (arn: string) => {
    const options = machines.get(arn);
    if (options !== undefined) return options;
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  };
  const find = (input: unknown) => {
    const execution = executions.get(checked(oneExecution, input).executionArn);
    if (execution !== undefined) return execution;
    throw new ServiceError('ExecutionDoesNotExist', 'Execution Does Not Exist');
  };
  const standin = await startJsonService('AWSStepFunctions', {
    StartExecution: (body) => {
      const { stateMachineArn, name, input } = checked(startExecution, body);
      const execution = start(machine(stateMachineArn), [...executions.values()], name, input);
      executions.set(execution.executionArn, execution);
      return { executionArn: execution.executionArn, startDate: epochSeconds(execution.startedAtMs) };
    },
    DescribeExecution: (body) => {
      const execution = find(body);
      return { ...listed(execution), input: execution.input, ...ending(execution) };
    },
    StopExecution: async (body) => {
      const execution = find(body);
      execution.abort();
      return { stopDate: epochSeconds((await execution.settled).stoppedAtMs) };
    },
    ListExecutions: (body) => {
      const query = checked(listExecutions, body);
      machine(query.stateMachineArn);
      return list([...executions.values()], query);
    },
  });
  return {
    url: standin.url,
    createStateMachine: (options) => {
      validate(options.definition);
      machines.set(options.stateMachineArn, options);
    },
    executions: () => [...executions.values()],
    close: async () => {
      for (const execution of executions.values()) execution.abort();
      await standin.close();
    },
  };
}

/** The newest first. */
function list(executions: readonly Execution[], query: v.InferOutput<typeof listExecutions>) {
  const matching = executions
    .filter(({ stateMachineArn }) => stateMachineArn === query.stateMachineArn)
    .reverse()
    .map(listed)
    .filter(({ status }) => query.statusFilter === undefined || status === query.statusFilter);
  const from = Number(query.nextToken ?? 0);
  const to = from + (query.maxResults === 0 ? PAGE_DEFAULT : query.maxResults);
  return { executions: matching.slice(from, to), ...(to < matching.length && { nextToken: String(to) }) };
}

/**
 * The same name and input is the same execution while it runs; a name that was used can't be used again.
 * (StartExecution, API reference.)
 */
function start(
  options: MachineOptions,
  executions: readonly Execution[],
  name: string,
  input: string,
): Execution {
  try {
    JSON.parse(input);
  } catch {
    throw new ServiceError('InvalidExecutionInput', 'Invalid State Machine Execution Input: no JSON');
  }
  const earlier = executions.find(
    (execution) => execution.name === name && execution.stateMachineArn === options.stateMachineArn,
  );
  if (earlier === undefined) return execute(options, name, input);
  if (earlier.input === input && earlier.outcome() === undefined) return earlier;
  throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${earlier.executionArn}'`);
}

function listed(execution: Execution) {
  const outcome = execution.outcome();
  return {
    executionArn: execution.executionArn,
    stateMachineArn: execution.stateMachineArn,
    name: execution.name,
    status: outcome?.status ?? 'RUNNING',
    startDate: epochSeconds(execution.startedAtMs),
    ...(outcome && { stopDate: epochSeconds(outcome.stoppedAtMs) }),
  };
}

function ending(execution: Execution) {
  const { output, error, cause } = execution.outcome() ?? {};
  return {
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}
