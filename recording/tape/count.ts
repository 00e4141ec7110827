import type { Checkpoint } from '../checkpoint.ts';
import type { TapeMerge } from './merge.ts';

/**
 * How many of the fragments that a task has stored are not on the tape any more. The recorder counts what it stores
 * itself: what came from the archive says nothing here, or as many restored would hide as many removed.
 */
export function removedFrom({ counters }: Pick<Checkpoint, 'counters'>, merge: TapeMerge): number {
  return Math.max(0, counters.fragments - merge.live);
}
