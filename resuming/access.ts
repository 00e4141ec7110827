/** What resuming works on: a deployment's tables, executions, tapes and streams. */
import type { CallQueries } from '../ports/calls/call-queries.ts';
import type { Calls } from '../ports/calls/calls.ts';
import type { Resumptions } from '../ports/calls/resumptions.ts';
import type { Checkpoints } from '../ports/checkpoints/checkpoints.ts';
import type { ExecutionStates } from '../ports/executions/execution-states.ts';
import type { Executions } from '../ports/executions/executions.ts';
import type { MediaArchive } from '../ports/media/media.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Tape } from '../ports/tape/tape.ts';
import type { CallRecord } from '../recording/call-record.ts';

export interface ResumeAccess {
  readonly calls: Pick<Calls, 'get' | 'ofContact' | 'startAgain'> & Resumptions;
  readonly queries: CallQueries;
  readonly checkpoints: Pick<Checkpoints, 'read' | 'handOver'>;
  readonly states: Pick<ExecutionStates, 'stateOf'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Executions of the workflow that ran for the call. */
  executionsOf(call: Pick<CallRecord, 'executionArn'>): Executions;
  tapeOf(call: Partial<Pick<CallRecord, 'executionArn' | 'audio'>>): Tape;
  /** The archive of the call's own stream. */
  archiveOf(call: Pick<CallRecord, 'streamArn'>): MediaArchive;
}
