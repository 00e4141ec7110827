import type { ExecutionInput } from '../../contract/workflow.ts';

/**
 * - `started`: it has begun since this was asked, as far as the service's clock and ours agree
 * - `running`: there is an execution of that name and input, of an earlier call
 * - `exists`: there was one already; it is over, or its input is another
 */
export type StartResult = 'started' | 'running' | 'exists';

/** Executions of the one workflow, by name. */
export interface Executions {
  /** The ARN of the execution of that name, whether there is one or not. */
  arnOf(name: string): string;
  /** Idempotent. @throws when it isn't known that there is one. Aborting the signal ends the waiting. */
  start(name: string, input: ExecutionInput, signal?: AbortSignal): Promise<StartResult>;
}
