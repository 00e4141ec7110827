/** What a recording lacks, and whether its stream still holds it: told before anything is done. */
import { type MediaArchive, MediaError, type MediaErrorKind } from '../ports/media/media.ts';
import type { Tape } from '../ports/tape/tape.ts';
import type { CallRecord } from '../recording/call-record.ts';
import { parseRecordingId } from '../recording/identity.ts';
import { isWithin, type RecordingRange } from '../recording/range.ts';

/** The producer's and the server's clocks differ by seconds, and the last fragments arrive after the hang-up. */
const MARGIN_MS = 60_000;

export type Outlook =
  /** The stream's archive could not be asked. */
  | { readonly asked: false; readonly why: string; readonly kind: MediaErrorKind }
  | {
      readonly asked: true;
      /** Fragments that the stream lists in the recording's span. */
      readonly listed: number;
      /** Those of them that the tape lacks before its last fragment, … */
      readonly missingWithin: number;
      /** … and behind it. Some of them may be another contact's. */
      readonly missingBehind: number;
    };

export interface OutlookRequest {
  readonly call: CallRecord;
  readonly range: RecordingRange;
  readonly archive: MediaArchive;
  readonly tape: Tape;
  readonly nowMs: number;
}

export async function outlookOf({ call, range, archive, tape, nowMs }: OutlookRequest): Promise<Outlook> {
  const recording = parseRecordingId(call.recordingId);
  const endMs = call.disconnectedAt === undefined ? nowMs : Date.parse(call.disconnectedAt) + MARGIN_MS;
  let listed: bigint[];
  try {
    const fragments = await archive.list(Date.parse(call.startedAt) - MARGIN_MS, Math.min(nowMs, endMs));
    listed = fragments.map(({ number }) => number);
  } catch (error) {
    if (error instanceof MediaError) return { asked: false, why: error.message, kind: error.kind };
    throw error;
  }
  const spans: { readonly first: bigint; readonly last: bigint }[] = [];
  for await (const { first, last } of tape.list(recording)) spans.push({ first, last });
  const lastStored = spans.reduce((last, span) => (span.last > last ? span.last : last), -1n);
  const inRange = listed.filter((number) => isWithin(range, number));
  const missing = inRange.filter(
    (number) => !spans.some(({ first, last }) => first <= number && number <= last),
  );
  const missingBehind = missing.filter((number) => number > lastStored).length;
  return {
    asked: true,
    listed: inRange.length,
    missingWithin: missing.length - missingBehind,
    missingBehind,
  };
}
