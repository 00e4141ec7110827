/** What an assembly's metrics say of the recording. */
import { ASSEMBLE_METRICS, type MetricName } from '../../contract/metrics.ts';
import type { CallRecord, CallStatus, Completion } from '../../recording/call-record.ts';

/** @param announced whether the event bus has taken the event */
export function measuredOf(
  record: CallRecord,
  { media, attempts }: Completion,
  announced: boolean,
): readonly (readonly [MetricName, number])[] {
  const { gapCount, gapMs } = media;
  const is = (status: CallStatus) => Number(record.status === status);
  return [
    [ASSEMBLE_METRICS.gaps, gapCount],
    [ASSEMBLE_METRICS.gapMs, gapMs.AUDIO_FROM_CUSTOMER + gapMs.AUDIO_TO_CUSTOMER],
    [ASSEMBLE_METRICS.attempts, attempts],
    [ASSEMBLE_METRICS.complete, is('COMPLETE')],
    [ASSEMBLE_METRICS.incomplete, is('INCOMPLETE')],
    // A transferred contact's is no sign of trouble: another recording has the audio.
    [ASSEMBLE_METRICS.empty, record.sharesStreamWith === undefined ? is('EMPTY') : 0],
    [ASSEMBLE_METRICS.failed, is('FAILED')],
    [ASSEMBLE_METRICS.announcementFailures, announced ? 0 : 1],
  ];
}
