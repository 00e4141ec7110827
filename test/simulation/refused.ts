/** Ends that GetMedia’s refusals bring: believed only when they have lasted for as long as any stream keeps, behind the call. */
import type { EndReason } from '../../recording/call-record.ts';
import type { Scenario } from './scenario.ts';
import { KEPT_AT_LEAST_MS, type TrueRecording, type TrueStream } from './stream.ts';

export const REFUSED: ReadonlySet<EndReason> = new Set([
  'NO_SUCH_STREAM',
  'ACCESS_DENIED',
  'KEY_UNAVAILABLE',
]);
/** StartTimestamp may be so much earlier than the start. */
const EARLY_MS = 10_000;

/** Whether the recorder had gone on asking for as long as it must. @param endedAtMs when it gave up */
export function wasRefusedForLong(
  { call, settings }: Scenario,
  stream: TrueStream,
  one: TrueRecording,
  reason: EndReason,
  endedAtMs: number,
): boolean {
  const { idleTimeoutMs, longestCallMs } = settings;
  // One that isn’t there holds nothing, whatever becomes of the call.
  if (reason === 'NO_SUCH_STREAM') return endedAtMs >= one.startMs + idleTimeoutMs;
  const next = one.part === 'ours' ? stream.recordings.find(({ part }) => part === 'next') : undefined;
  const last = one.fragments.at(-1);
  const isTold = call.eventAfterMs !== undefined || call.describeAfterMs !== undefined;
  const over = [
    ...(next ? [next.startMs] : []),
    ...(call.stopped === true && last ? [last.serverMs + last.plan.lengthMs] : []),
    ...(isTold ? [stream.contactEndsMs + call.disconnectAfterMs] : []),
  ];
  if (over.length === 0) return endedAtMs >= one.startMs + longestCallMs - EARLY_MS;
  return endedAtMs >= Math.min(...over) + Math.min(KEPT_AT_LEAST_MS, idleTimeoutMs);
}

/**
 * Whether the stream can't have been read for so long that silence was all the recorder knew: the longest call allowed
 * is reached in it as in any other silence, and what wasn’t read is declared.
 */
export function wasOutForLong({ faults, settings }: Scenario, startMs: number, endedAtMs: number): boolean {
  return faults.some((fault) => {
    if (fault.kind !== 'outage' || fault.service !== 'kinesis') return false;
    const fromMs = startMs + fault.atMs;
    return fromMs + settings.idleTimeoutMs <= endedAtMs && endedAtMs <= fromMs + fault.ms;
  });
}
