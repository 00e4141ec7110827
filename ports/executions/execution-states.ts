/**
 * - `running`
 * - `over`: it ended, however it did
 * - `unknown`: there is none of that name; it was never started, or Step Functions has forgotten it (after 90 days)
 */
export type ExecutionState = 'running' | 'over' | 'unknown';

/** How executions stand. */
export interface ExecutionStates {
  /** @throws when it can't be told. */
  stateOf(executionArn: string): Promise<ExecutionState>;
  /** When it ended, epoch ms; undefined while it runs, and where that isn't known. @throws when it can't be told. */
  overSinceMs(executionArn: string): Promise<number | undefined>;
}
