/** Recordings that ended before their call did, as far as records and executions tell. */
import type { CallQueries, CallSummary, OnDamaged, StartSpan } from '../ports/calls/call-queries.ts';
import { eachOf } from '../ports/runtime/each.ts';
import { DamagedItem } from '../ports/table/item.ts';
import type { EndReason } from '../recording/call-record.ts';
import { parseRecordingId } from '../recording/identity.ts';
import type { ResumeAccess } from './access.ts';
import { type ResumeSituation, situationOf } from './decide.ts';

/** The recorder stopped for a reason that may have gone since. All other ends are the call's own. */
const STOPPED: ReadonlySet<EndReason> = new Set([
  'RECORDER_GAVE_UP',
  'ACCESS_DENIED',
  'KEY_UNAVAILABLE',
  'NO_SUCH_STREAM',
  'STREAM_TAKEN',
  'IDLE',
]);
/** COMPLETE is the only end at which nothing is left to wish for. */
const MAYBE_INTERRUPTED = ['RECORDING', 'ASSEMBLING', 'INCOMPLETE', 'EMPTY', 'FAILED'] as const;
export function stoppedEarly(reason: EndReason): boolean {
  return STOPPED.has(reason);
}

const AT_A_TIME = 8;

/**
 * The latest start first.
 * @param damaged told of each record that can't be read, so that the others can be; without it they throw DamagedItem
 */
export async function interruptedCalls(
  access: ResumeAccess,
  span: StartSpan,
  damaged?: (error: DamagedItem) => void,
): Promise<ResumeSituation[]> {
  const found: ResumeSituation[] = [];
  await eachOf(maybeInterrupted(access.queries, span, damaged), AT_A_TIME, async ({ recordingId }) => {
    const situation = await unlessDamaged(() => situationOf(access, parseRecordingId(recordingId)), damaged);
    if (situation === undefined) return;
    // The index may lag behind the record; and most that say RECORDING are being recorded.
    const { step, call } = situation;
    if ((step.kind === 'start' || step.kind === 'handOver') && mayBeInterrupted(call)) found.push(situation);
  });
  return found.sort((a, b) => (a.call.startedAt < b.call.startedAt ? 1 : -1));
}

async function unlessDamaged<T>(
  read: () => Promise<T>,
  damaged: ((error: DamagedItem) => void) | undefined,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DamagedItem) || damaged === undefined) throw error;
    damaged(error);
    return undefined;
  }
}

/** Goes by the index of statuses: one status after the other, each with the latest start first. */
async function* maybeInterrupted(
  queries: CallQueries,
  span: StartSpan,
  damaged: OnDamaged | undefined,
): AsyncGenerator<CallSummary> {
  for (const status of MAYBE_INTERRUPTED) {
    for await (const call of queries.find({ by: 'status', status, ...span }, damaged)) {
      if (mayBeInterrupted(call)) yield call;
    }
  }
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
