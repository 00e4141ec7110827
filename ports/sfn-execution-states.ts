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
    try {
      const { status } = await this.#client.send(new DescribeExecutionCommand({ executionArn }));
      return UNDER_WAY.has(status ?? '') ? 'running' : 'over';
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return 'unknown';
      throw error;
    }
  }
}
