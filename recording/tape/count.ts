import type { CallRecord } from '../call-record.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { TapeMerge } from './merge.ts';

/**
 * How many of the fragments that a task has stored are not on the tape any more. Those that it read live and those that
 * it had from the archive are counted apart: what others have put on the tape from the archive since is in no count, and
 * as many restored would hide as many removed. What an erasure of the contact's next recording took is none of these.
 *
 * @param record what the erasure noted; undefined where the record was lost
 */
export function removedFrom(
  { counters }: Pick<Checkpoint, 'counters'>,
  counted: TapeMerge['counted'],
  record: Pick<CallRecord, 'erasedBehind' | 'erasedBehindLive'> | undefined,
): number {
  const { erasedBehind = 0, erasedBehindLive = 0 } = record ?? {};
  const stored = counters.fragments - erasedBehind;
  const live = counters.fragments - counters.restored - erasedBehindLive;
  return Math.max(0, live - counted.live, stored - counted.stored);
}
