/** The workflow's executions in Step Functions. */
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { ExecutionInput } from '../../contract/workflow.ts';
import { RecordingError } from '../../recording/errors.ts';
import type { Executions, StartResult } from './executions.ts';

const STATE_MACHINE_ARN = /^(arn:[a-z-]+:states:[a-z0-9-]+:[0-9]+):stateMachine:([A-Za-z0-9_.-]{1,80})$/;

export class SfnExecutions implements Executions {
  readonly #client: SFNClient;
  readonly #stateMachineArn: string;
  readonly #executionPrefix: string;

  /** @throws RecordingError when the ARN isn't that of a state machine. */
  constructor(client: SFNClient, stateMachineArn: string) {
    const [, account, name] = STATE_MACHINE_ARN.exec(stateMachineArn) ?? [];
    if (account === undefined || name === undefined) {
      throw new RecordingError(
        'a state machine’s ARN is arn:aws:states:<region>:<account>:stateMachine:<name>, without a version or alias',
      );
    }
    this.#client = client;
    this.#stateMachineArn = stateMachineArn;
    this.#executionPrefix = `${account}:execution:${name}:`;
  }

  arnOf(name: string): string {
    return this.#executionPrefix + name;
  }

  async start(name: string, input: ExecutionInput, signal?: AbortSignal): Promise<StartResult> {
    const command = new StartExecutionCommand({
      stateMachineArn: this.#stateMachineArn,
      name,
      input: JSON.stringify(input),
    });
    const askedAtMs = Date.now();
    try {
      const { startDate } = await this.#client.send(command, { ...(signal && { abortSignal: signal }) });
      return startDate !== undefined && startDate.getTime() < askedAtMs ? 'running' : 'started';
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return 'exists';
      throw error;
    }
  }
}
