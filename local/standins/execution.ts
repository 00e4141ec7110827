/** One execution of a state machine: the definition as it is deployed, run by a library. */
import './with-resolvers.ts';
import {
  ExecutionAbortedError,
  ExecutionError,
  StateMachine,
  type StateMachineDefinition,
} from 'aws-local-stepfunctions';
import type { Json } from './json.ts';
import { StatesError } from './states-error.ts';

/** What a Task state's resource does with the state's parameters. It stops when the signal is aborted. */
export type Resource = (parameters: Json, signal: AbortSignal) => Json | Promise<Json>;

export interface MachineOptions {
  readonly stateMachineArn: string;
  /** Amazon States Language, as JSON. */
  readonly definition: string;
  /** What Task states call, by their `Resource`. */
  readonly resources: Readonly<Record<string, Resource>>;
  /** Waits this long before every retry, and where the definition waits, in place of what it says. */
  readonly retryMs?: number;
  readonly onEvent?: (event: ExecutionEvent) => void;
}

export interface ExecutionEvent {
  /** `StateEntered`, `StateFailed`, `StateRetried`, `StateCaught`, … */
  readonly type: string;
  readonly state?: string;
}

export interface ExecutionOutcome {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly stoppedAtMs: number;
  /** JSON. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface Execution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  /** JSON. */
  readonly input: string;
  readonly startedAtMs: number;
  /** Undefined while it runs. */
  readonly outcome: () => ExecutionOutcome | undefined;
  /** Resolves when it is over, however it ends. */
  readonly settled: Promise<ExecutionOutcome>;
  abort(): void;
}

/** Validating takes longer than a whole execution does. */
const validated = new Set<string>();

/** @throws when the definition is invalid. */
export function validate(definition: string): void {
  if (validated.has(definition)) return;
  new StateMachine(JSON.parse(definition) as StateMachineDefinition);
  validated.add(definition);
}

/** Starts it. The definition has to be a valid one. */
export function execute(options: MachineOptions, name: string, input: string): Execution {
  const definition = JSON.parse(options.definition) as StateMachineDefinition;
  const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
  const executionArn = `${options.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  const stop = new AbortController();
  const states = statesIn(definition);
  const taskStates = states.filter(([, state]) => state.Type === 'Task');
  const { retryMs } = options;
  const run = machine.run(JSON.parse(input) as Json, {
    context: {
      Execution: { Id: executionArn, Name: name },
      StateMachine: { Id: options.stateMachineArn },
    },
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(
        taskStates.map(([state, task]) => [state, handler(task, options.resources, stop.signal)]),
      ),
      ...(retryMs !== undefined && {
        retryIntervalOverrides: Object.fromEntries(taskStates.map(([state]) => [state, retryMs])),
        waitTimeOverrides: Object.fromEntries(
          states.filter(([, { Type }]) => Type === 'Wait').map(([state]) => [state, retryMs]),
        ),
      }),
    },
  });
  void forward(run.eventLogs, options.onEvent);
  let outcome: ExecutionOutcome | undefined;
  return {
    executionArn,
    stateMachineArn: options.stateMachineArn,
    name,
    input,
    startedAtMs: Date.now(),
    outcome: () => outcome,
    settled: outcomeOf(run.result).then((result) => (outcome = result)),
    abort: () => {
      stop.abort();
      run.abort();
    },
  };
}

type State = StateMachineDefinition['States'][string];

/** Those of branches, too: no two states have one name. */
function statesIn({ States }: Pick<StateMachineDefinition, 'States'>): [name: string, state: State][] {
  return Object.entries(States).flatMap(([name, state]): [string, State][] => [
    [name, state],
    ...(state.Type === 'Parallel' ? state.Branches.flatMap(statesIn) : []),
  ]);
}

/** The library neither tells a handler of a time-out nor stops asking once the execution is aborted. */
function handler(
  state: State,
  resources: Readonly<Record<string, Resource>>,
  stopped: AbortSignal,
): (parameters: Json) => Promise<Json> {
  return async (parameters) => {
    if (stopped.aborted) throw new StatesError('States.TaskFailed', 'the execution is stopped');
    if (state.Type !== 'Task') throw new StatesError('States.Runtime', 'not a Task state');
    const resource = resources[state.Resource];
    if (resource === undefined) throw new StatesError('States.Runtime', `no resource ${state.Resource}`);
    const timeout = new AbortController();
    const timer = setTimeout(
      () => {
        timeout.abort();
      },
      (state.TimeoutSeconds ?? 60) * 1000,
    );
    try {
      return await resource(parameters, AbortSignal.any([stopped, timeout.signal]));
    } catch (error) {
      throw timeout.signal.aborted ? new StatesError('States.Timeout', '') : error;
    } finally {
      clearTimeout(timer);
    }
  };
}

async function outcomeOf(result: Promise<Json>): Promise<ExecutionOutcome> {
  try {
    const output = JSON.stringify(await result);
    return { status: 'SUCCEEDED', stoppedAtMs: Date.now(), output };
  } catch (error) {
    const stoppedAtMs = Date.now();
    if (error instanceof ExecutionAbortedError) return { status: 'ABORTED', stoppedAtMs };
    const failure = error instanceof ExecutionError ? error.cause : error;
    return failure instanceof Error
      ? { status: 'FAILED', stoppedAtMs, error: failure.name, cause: failure.message }
      : { status: 'FAILED', stoppedAtMs, error: 'States.Runtime', cause: String(failure) };
  }
}

interface LibraryEvent {
  readonly type: string;
  readonly state?: { readonly name: string };
}

async function forward(
  events: AsyncIterable<LibraryEvent>,
  onEvent: MachineOptions['onEvent'],
): Promise<void> {
  for await (const { type, state } of events) {
    onEvent?.(state === undefined ? { type } : { type, state: state.name });
  }
}
