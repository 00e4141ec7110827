/**
 * Starts a recording, once, however often it is asked for, while the caller hears nothing: the record first, then
 * the execution of the recording's own name.
 *
 * Connect asks again where it had no answer, and a function that has answered may be frozen amid a request, which goes on
 * when it wakes up. So each invocation is a starter of its own: whoever began the execution takes the start over, and what an
 * earlier one still says of its own failure is refused.
 *
 * What a crash leaves behind: after the record and before the execution, a record that says RECORDING; the next
 * invocation finds it and starts the execution. The call matters more than its record: where the record can't be
 * written in time, the execution is started all the same, and the assembly makes the record. Of a recording that has
 * been erased meanwhile nothing is made anew.
 */
import { CONNECT_METRICS } from '../../contract/metrics.ts';
import type { ExecutionInput } from '../../contract/workflow.ts';
import type { Calls, Starter } from '../../ports/calls/calls.ts';
import { RecordingErased } from '../../ports/checkpoints/checkpoints.ts';
import type { Executions } from '../../ports/executions/executions.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import { within } from '../../ports/runtime/within.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import { executionName } from '../../recording/identity.ts';
import type { StartStatus } from './answer.ts';
import type { CallStart } from './new-call.ts';

export interface StartDeps {
  /** The calls, which say so of a recording that has been erased. */
  readonly calls: Calls;
  readonly executions: Executions;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Time counts from the beginning of the invocation; the flow's block waits for 3 s by default. */
const RECORD_MS_MAX = 1_000;
const START_MS_MAX = 1_700;
const TOTAL_MS_MAX = 2_000;

type Status = Extract<StartStatus, 'STARTED' | 'ALREADY_STARTED' | 'ERASED' | 'START_FAILED'>;

/** @param invocation tells it from others of the same recording */
export async function startRecording(deps: StartDeps, start: CallStart, invocation: string): Promise<Status> {
  const attempt = new Attempt(deps, start, invocation);
  const status = await attempt.run();
  deps.telemetry.publish([
    [CONNECT_METRICS.starts, status === 'STARTED' ? 1 : 0],
    [CONNECT_METRICS.startFailures, status === 'START_FAILED' ? 1 : 0],
  ]);
  return status;
}

/** Whoever wrote the record has decided who listens. */
function inputBeside({ input }: CallStart, standing: CallRecord | undefined): ExecutionInput {
  return standing?.live === undefined ? input : { ...input, live: standing.live };
}

/** One invocation's attempt. */
class Attempt {
  readonly #deps: StartDeps;
  readonly #start: CallStart;
  readonly #name: string;
  readonly #executionArn: string;
  readonly #by: Starter;

  constructor(deps: StartDeps, start: CallStart, invocation: string) {
    this.#deps = deps;
    this.#start = start;
    this.#name = executionName(start.recording);
    this.#executionArn = deps.executions.arnOf(this.#name);
    this.#by = { beganAtMs: deps.clock.now(), id: invocation };
  }

  async run(): Promise<Status> {
    const standing = await this.#record();
    if (standing instanceof RecordingErased) return 'ERASED';
    if (standing !== undefined && !(await this.#awaitsStart(standing))) return 'ALREADY_STARTED';
    try {
      const { executions } = this.#deps;
      const result = await this.#until(START_MS_MAX, 'StartExecution', (signal) =>
        executions.start(this.#name, inputBeside(this.#start, standing), signal),
      );
      if (result === 'started' && standing?.status === 'RECORDING') await this.#takeOver();
      const mine = standing === undefined || standing.status === 'FAILED';
      return result !== 'exists' && mine ? 'STARTED' : 'ALREADY_STARTED';
    } catch (error) {
      await this.#failed(error);
      return 'START_FAILED';
    }
  }

  /** @returns the record that an earlier invocation has written, or that its recording has been erased. */
  async #record(): Promise<CallRecord | RecordingErased | undefined> {
    const { calls, telemetry } = this.#deps;
    const call = { ...this.#start.call, executionArn: this.#executionArn };
    try {
      return await this.#until(RECORD_MS_MAX, 'The calls table', () => calls.create(call, this.#by));
    } catch (error) {
      if (error instanceof RecordingErased) return error;
      telemetry.error(
        'The call record could not be written; the call is recorded all the same',
        error,
        this.#identity,
      );
      return undefined;
    }
  }

  /** Tells whether the recording is still to be started, as far as its record says. */
  async #awaitsStart(standing: CallRecord): Promise<boolean> {
    const { calls, telemetry } = this.#deps;
    if (standing.executionArn !== this.#executionArn) return false;
    if (standing.status !== 'FAILED') return standing.status === 'RECORDING';
    try {
      return await this.#until(START_MS_MAX, 'The calls table', () =>
        calls.startAgain(this.#start.recording, this.#executionArn, this.#by),
      );
    } catch (error) {
      // An execution of this name that there was already is not started again.
      telemetry.error('The call record could not be opened again', error, this.#identity);
      return true;
    }
  }

  /** An earlier invocation has begun the record and not the execution: it may still say so, or have said so by now. */
  async #takeOver(): Promise<void> {
    const { calls, telemetry } = this.#deps;
    try {
      await this.#until(TOTAL_MS_MAX, 'The calls table', () =>
        calls.startAgain(this.#start.recording, this.#executionArn, this.#by),
      );
    } catch (error) {
      telemetry.error('The start could not be taken over in the call record', error, this.#identity);
    }
  }

  /** The start failed for good, or isn't known to have succeeded. */
  async #failed(error: unknown): Promise<void> {
    const { calls, telemetry } = this.#deps;
    telemetry.error('The recording could not be started', error, this.#identity);
    const why = `The workflow could not be started (${String(error)}). Invoke the connect function again while the call goes on`;
    try {
      await this.#until(TOTAL_MS_MAX, 'The calls table', () =>
        calls.startFailed(this.#start.recording, this.#executionArn, why, this.#by),
      );
    } catch (writeError) {
      telemetry.error('The call record could not be marked FAILED', writeError, this.#identity);
    }
  }

  get #identity() {
    const { contactId, recordingId } = this.#start.input;
    return { contactId, recordingId };
  }

  /** @param deadlineMs since the invocation began. */
  async #until<T>(deadlineMs: number, what: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock } = this.#deps;
    return within(clock, Math.max(0, this.#by.beganAtMs + deadlineMs - clock.now()), what, run);
  }
}
