import type { Checkpoint } from '../checkpoint.ts';
import type { TapeMerge } from './merge.ts';

/**
 * How many of the fragments that a task has stored are not on the tape any more. Those that it read live and those that
 * it had from the archive are counted apart: what others have put on the tape from the archive since is in no count, and
 * as many restored would hide as many removed.
 */
export function removedFrom(
  { counters }: Pick<Checkpoint, 'counters'>,
  merge: Pick<TapeMerge, 'live' | 'stored'>,
): number {
  const { fragments, restored } = counters;
  return Math.max(0, fragments - restored - merge.live, fragments - merge.stored);
}
