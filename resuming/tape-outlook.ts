/** What is left of a recording's tape, told before anything is done: it expires while the recording stays. */
import type { Tape } from '../ports/tape/tape.ts';
import type { CallRecord } from '../recording/call-record.ts';
import type { Checkpoint } from '../recording/checkpoint.ts';
import { parseRecordingId } from '../recording/identity.ts';

export interface TapeOutlook {
  readonly objects: number;
  /** How many tasks have stored; undefined where the checkpoint has gone. The archive and retries may have added some. */
  readonly stored: number | undefined;
  /** A task stored a beginning that isn't there any more, or more objects than there are. */
  readonly hasExpired: boolean;
}

export async function tapeOutlookOf(
  tape: Tape,
  { recordingId, media }: CallRecord,
  checkpoint: Checkpoint | undefined,
): Promise<TapeOutlook> {
  const keys = new Set<string>();
  for await (const { key } of tape.list(parseRecordingId(recordingId))) keys.add(key);
  const objects = keys.size;
  const stored = checkpoint?.counters.segments;
  const hadSome = (media?.fragments ?? 0) > 0;
  return { objects, stored, hasExpired: objects < (stored ?? 0) || (objects === 0 && hadSome) };
}

/** Undefined where nothing speaks for it that anything has gone. */
export function tapeOutlookText(
  { objects, stored, hasExpired }: TapeOutlook,
  call: CallRecord,
): string | undefined {
  if (!hasExpired) return undefined;
  const left =
    objects === 0
      ? 'the tape has expired'
      : `the tape has expired in part: ${objects} objects are left of ${stored ?? 'more'}`;
  if (call.audio === undefined) return left;
  return `${left}. The present WAV is kept, unless the stream gives back more than that one holds`;
}
