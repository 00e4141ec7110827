/** Executions in memory: the twin of {@link SfnExecutions} for tests and simulations. They only run when told to. */
import type { ExecutionInput } from '../../contract/workflow.ts';
import type { Executions, StartResult } from './executions.ts';

export interface MemoryExecution {
  readonly input: ExecutionInput;
  over: boolean;
  /** Epoch ms; where somebody has said so. */
  overSinceMs?: number;
}

export class MemoryExecutions implements Executions {
  /** The executions by name. */
  readonly executions = new Map<string, MemoryExecution>();
  readonly #onStart: (name: string, execution: MemoryExecution) => void;

  /** @param onStart told of each execution that begins. */
  constructor(onStart: (name: string, execution: MemoryExecution) => void = () => undefined) {
    this.#onStart = onStart;
  }

  arnOf(name: string): string {
    return `arn:aws:states:us-east-1:000000000000:execution:callspool:${name}`;
  }

  async start(name: string, input: ExecutionInput): Promise<StartResult> {
    const standing = this.executions.get(name);
    if (standing !== undefined) {
      const same = !standing.over && JSON.stringify(standing.input) === JSON.stringify(input);
      return Promise.resolve(same ? 'running' : 'exists');
    }
    const execution: MemoryExecution = { input: { ...input }, over: false };
    this.executions.set(name, execution);
    this.#onStart(name, execution);
    return Promise.resolve('started');
  }
}
