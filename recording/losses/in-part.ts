/**
 * Which fragments the tape may hold in part only: without trailing tags nothing in their bytes tells. For the last one the
 * recorder vouches, where it saw the end; another one may be what a task stored that was superseded.
 */
import { type Loss, SAW_THE_END } from '../call-record.ts';
import type { TapeMerge } from '../tape/merge.ts';
import type { Evidence } from './evidence.ts';

/** @param earlierLosses what an earlier assembly declared */
export function mayBeInPart(
  merge: TapeMerge,
  { position, ended, losses }: Evidence['checkpoint'],
  earlierLosses: readonly Loss[],
): (number: bigint) => boolean {
  const vouched = SAW_THE_END.has(ended.reason) ? position?.lastFragmentNumber : undefined;
  const declared = [...losses, ...earlierLosses];
  return (number) =>
    !merge.holdsWhole(number) && (number !== vouched || declared.some((loss) => spans(loss, number)));
}

/** The fragment lies within what the loss tells of. One that says nothing of where it begins tells of none. */
export function spans({ firstFragmentNumber, lastFragmentNumber }: Loss, number: bigint): boolean {
  if (firstFragmentNumber === undefined || BigInt(firstFragmentNumber) > number) return false;
  return lastFragmentNumber === undefined || number <= BigInt(lastFragmentNumber);
}
