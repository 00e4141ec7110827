/** Recordings that ended before their call did, as far as records and executions tell. */
import type { CallSummary } from '../../ports/call-queries.ts';
import type { EndReason } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import type { Access } from '../access.ts';
import { findCalls } from '../calls/find.ts';
import type { Range } from '../calls/range.ts';
import { eachOf } from '../each.ts';
import { type Situation, situationOf } from './decide.ts';

/** The recorder stopped for a reason that may have gone since. All other ends are the call's own. */
const STOPPED: ReadonlySet<EndReason> = new Set([
  'RECORDER_GAVE_UP',
  'ACCESS_DENIED',
  'KEY_UNAVAILABLE',
  'NO_SUCH_STREAM',
  'IDLE',
]);
const AT_A_TIME = 8;

/** The latest start first. */
export async function interruptedCalls(access: Access, range: Range): Promise<Situation[]> {
  const found: Situation[] = [];
  const calls = findCalls(access.queries, {
    range,
    statuses: ['RECORDING', 'ASSEMBLING', 'INCOMPLETE', 'EMPTY', 'FAILED'],
  });
  await eachOf(filter(calls, mayBeInterrupted), AT_A_TIME, async ({ recordingId }) => {
    const situation = await situationOf(access, parseRecordingId(recordingId));
    // The index may lag behind the record; and most that say RECORDING are being recorded.
    const { step, call } = situation;
    if ((step.kind === 'start' || step.kind === 'handOver') && mayBeInterrupted(call)) found.push(situation);
  });
  return found.sort((a, b) => (a.call.startedAt < b.call.startedAt ? 1 : -1));
}

function mayBeInterrupted({ status, endReason }: Pick<CallSummary, 'status' | 'endReason'>): boolean {
  switch (status) {
    case 'RECORDING':
    case 'ASSEMBLING':
    case 'FAILED':
      return true;
    case 'INCOMPLETE':
    case 'EMPTY':
      return endReason !== undefined && STOPPED.has(endReason);
    case 'COMPLETE':
      return false;
  }
}

async function* filter<T>(values: AsyncIterable<T>, passes: (value: T) => boolean): AsyncGenerator<T> {
  for await (const value of values) if (passes(value)) yield value;
}
