/** Step Functions as whoever resumes meets it: a name is taken for ever, and what it runs is the simulated workflow. */
import type { ExecutionInput } from '../../contract/workflow.ts';
import type { ExecutionState, ExecutionStates } from '../../ports/executions/execution-states.ts';
import type { Executions, StartResult } from '../../ports/executions/executions.ts';
import { recordingId } from '../../recording/identity.ts';
import type { Runner, RunningExecution } from './runner.ts';
import type { TrueRecording } from './stream.ts';

export class SimulatedExecutions implements Executions, ExecutionStates {
  readonly #runner: Runner;
  readonly #recordings: readonly TrueRecording[];
  /** Resumptions that began while another execution of the same recording was under way. */
  readonly overlapping: string[] = [];

  constructor(runner: Runner, recordings: readonly TrueRecording[]) {
    this.#runner = runner;
    this.#recordings = recordings;
  }

  arnOf(name: string): string {
    return `arn:aws:states:us-east-1:123456789012:execution:callspool:${name}`;
  }

  start(name: string, input: ExecutionInput): Promise<StartResult> {
    const standing = this.#named(this.arnOf(name));
    if (standing) return Promise.resolve(standing.over ? 'exists' : 'running');
    const of = this.#recordings.find(({ recording }) => recordingId(recording) === input.recordingId);
    if (!of) throw new Error(`there is no recording ${input.recordingId}`);
    if (this.#runner.executions.some((one) => one.of === of && !one.over)) this.overlapping.push(name);
    this.#runner.execute(of, this.arnOf(name), true);
    return Promise.resolve('started');
  }

  stateOf(executionArn: string): Promise<ExecutionState> {
    const execution = this.#named(executionArn);
    if (!execution) return Promise.resolve('unknown');
    return Promise.resolve(execution.over ? 'over' : 'running');
  }

  overSinceMs(executionArn: string): Promise<number | undefined> {
    return Promise.resolve(this.#named(executionArn)?.overAtMs);
  }

  #named(executionArn: string): RunningExecution | undefined {
    return this.#runner.executions.find(({ arn }) => arn === executionArn);
  }
}
