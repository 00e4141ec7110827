import type { ExecutionState, ExecutionStates } from './execution-states.ts';
import type { MemoryExecutions } from './memory-executions.ts';

/** The twin of {@link SfnExecutionStates}. */
export class MemoryExecutionStates implements ExecutionStates {
  readonly #executions: MemoryExecutions;

  constructor(executions: MemoryExecutions) {
    this.#executions = executions;
  }

  stateOf(executionArn: string): Promise<ExecutionState> {
    const execution = this.#named(executionArn);
    if (execution === undefined) return Promise.resolve('unknown');
    return Promise.resolve(execution.over ? 'over' : 'running');
  }

  overSinceMs(executionArn: string): Promise<number | undefined> {
    const execution = this.#named(executionArn);
    return Promise.resolve(execution?.over === true ? execution.overSinceMs : undefined);
  }

  #named(executionArn: string) {
    return this.#executions.executions.get(executionArn.slice(executionArn.lastIndexOf(':') + 1));
  }
}
