import type { ExecutionState, ExecutionStates } from './execution-states.ts';
import type { MemoryExecutions } from './memory-executions.ts';

/** The twin of {@link SfnExecutionStates}. */
export class MemoryExecutionStates implements ExecutionStates {
  readonly #executions: MemoryExecutions;

  constructor(executions: MemoryExecutions) {
    this.#executions = executions;
  }

  stateOf(executionArn: string): Promise<ExecutionState> {
    const execution = this.#executions.executions.get(executionArn.slice(executionArn.lastIndexOf(':') + 1));
    if (execution === undefined) return Promise.resolve('unknown');
    return Promise.resolve(execution.over ? 'over' : 'running');
  }
}
