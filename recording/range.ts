/** A range says which fragment numbers are a recording's. Everybody who asks whose a fragment is asks it of one range. */
import type { NewCall } from './call-record.ts';
import { compareFragmentNumbers } from './fragment-number.ts';
import type { Recording } from './identity.ts';

/** Why fragments from a number on are not the recording's any more. */
export type RangeEnd = 'NEXT_RECORDING' | 'STREAMING_STOPPED';

/** The fragment numbers from `start` up to, but without, `endBefore`. */
export interface RecordingRange {
  readonly start: bigint;
  /** Undefined while nothing says where it ends. */
  readonly endBefore: bigint | undefined;
  /** What says where it ends. */
  readonly endedBy: RangeEnd | undefined;
}

export type RangeFacts = Pick<NewCall, 'startFragmentNumber'> &
  Partial<Pick<NewCall, 'streamArn' | 'stopFragmentNumber' | 'nextStartFragmentNumber'>>;

/** A range of which only the beginning is known. */
export function rangeFrom({ startFragmentNumber: start }: Recording): RecordingRange {
  return { start, endBefore: undefined, endedBy: undefined };
}

/** A range that ends where the contact's next recording begins. */
export function rangeUpTo({ startFragmentNumber: start }: Recording, next: bigint): RecordingRange {
  return { start, endBefore: next, endedBy: 'NEXT_RECORDING' };
}

/**
 * The range as records tell it. It ends behind the fragment at which the flow stopped streaming (Connect's
 * `StopFragmentNumber` is the session's last), or where the contact's next recording begins, whichever comes first.
 * Fragment numbers say nothing across streams, so only recordings of the same stream count. Of a next one that has been
 * erased the record of this one tells.
 *
 * @param calls every recording of the contact
 * @param streamArn the recording's own stream, where its record isn't among them
 */
export function rangeAmong(
  calls: readonly RangeFacts[],
  recording: Recording,
  streamArn?: string,
): RecordingRange {
  const { startFragmentNumber: start } = recording;
  const own = calls.find((call) => BigInt(call.startFragmentNumber) === start);
  const stream = own?.streamArn ?? streamArn;
  const erased = own?.nextStartFragmentNumber;
  const next = calls
    .filter((call) => stream === undefined || call.streamArn === stream)
    .map((call) => BigInt(call.startFragmentNumber))
    .concat(erased === undefined ? [] : BigInt(erased))
    .filter((other) => other > start)
    .sort(compareFragmentNumbers)[0];
  const stop = own?.stopFragmentNumber === undefined ? undefined : BigInt(own.stopFragmentNumber);
  // A stop before the start can't be this session's.
  const stopBefore = stop !== undefined && stop >= start ? stop + 1n : undefined;
  if (stopBefore !== undefined && (next === undefined || stopBefore <= next))
    return { start, endBefore: stopBefore, endedBy: 'STREAMING_STOPPED' };
  return { start, endBefore: next, endedBy: next === undefined ? undefined : 'NEXT_RECORDING' };
}

/** The session's last fragment, where Connect named it when streaming was stopped. */
export function lastNamedBy({ endBefore, endedBy }: RecordingRange): bigint | undefined {
  return endedBy === 'STREAMING_STOPPED' && endBefore !== undefined ? endBefore - 1n : undefined;
}

/** The number is behind the range: nothing from there on is the recording's. */
export function isBehind({ endBefore }: RecordingRange, number: bigint): boolean {
  return endBefore !== undefined && number >= endBefore;
}

export function isWithin(range: RecordingRange, number: bigint): boolean {
  return number >= range.start && !isBehind(range, number);
}
