import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import type { ExecutionState, ExecutionStates } from './execution-states.ts';

/** An execution that waits to be redriven is not over. */
const UNDER_WAY = new Set(['RUNNING', 'PENDING_REDRIVE']);

export class SfnExecutionStates implements ExecutionStates {
  readonly #client: SFNClient;

  constructor(client: SFNClient) {
    this.#client = client;
  }

  async stateOf(executionArn: string): Promise<ExecutionState> {
    const execution = await this.#describe(executionArn);
    if (execution === undefined) return 'unknown';
    return UNDER_WAY.has(execution.status ?? '') ? 'running' : 'over';
  }

  async overSinceMs(executionArn: string): Promise<number | undefined> {
    const execution = await this.#describe(executionArn);
    return execution?.stopDate?.getTime();
  }

  async #describe(executionArn: string) {
    try {
      return await this.#client.send(new DescribeExecutionCommand({ executionArn }));
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }
}
