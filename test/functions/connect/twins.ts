/** The connect function on its twins, at a time that stands still; and what it does with an ordinary event. */
import type { ExecutionInput } from '../../../contract/workflow.ts';
import { type ConnectDeps, createHandler } from '../../../functions/connect/handler.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import { MemoryExecutions } from '../../../ports/executions/memory-executions.ts';
import type { Clock } from '../../../ports/runtime/clock.ts';
import {
  CONTACT_ID,
  INSTANCE_ARN,
  RECORDING_ID,
  START_FRAGMENT_NUMBER,
  STARTED_AT,
  STREAM_ARN,
} from '../../support/call.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

export const INPUT: ExecutionInput = {
  recordingId: RECORDING_ID,
  contactId: CONTACT_ID,
  startFragmentNumber: START_FRAGMENT_NUMBER.toString(),
  streamArn: STREAM_ARN,
  startedAt: STARTED_AT,
  instanceArn: INSTANCE_ARN,
  live: 'off',
};

export const STARTED = {
  status: 'STARTED',
  recording: 'true',
  contactId: CONTACT_ID,
  recordingId: RECORDING_ID,
  message: 'The recording has been started',
};

/** Time stands still unless a test moves it; whoever sleeps then wakes. */
class HandClock implements Clock {
  #nowMs = Date.parse(STARTED_AT);
  readonly #sleepers: { atMs: number; wake: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ atMs: this.#nowMs + ms, wake }));
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const { atMs, wake } of this.#sleepers) if (atMs <= this.#nowMs) wake();
  }
}

export function onTwins(options: Partial<ConnectDeps> = {}) {
  const calls = new MemoryCalls();
  const executions = new MemoryExecutions();
  const telemetry = new RecordedTelemetry();
  const clock = new HandClock();
  const handler = createHandler({
    calls,
    executions,
    telemetry,
    clock,
    instanceArn: INSTANCE_ARN,
    keep: { phoneNumbers: true, attributes: true },
    ...options,
  });
  return { calls, executions, telemetry, clock, handler, executionArn: executions.arnOf(RECORDING_ID) };
}
