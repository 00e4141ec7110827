/** Losses in bounded space: none is ever dropped; what doesn't fit is merged into one of its kind. */
import { type Loss, LOSS_KINDS } from '../call-record.ts';

/** How a merged loss begins its `why`, so that it can be merged again, by another task too. */
const MERGED = /^this and (\d+) more like it: /;

/**
 * Adds a loss, unless it is known. Room is kept for one of each kind, so that how a recording ended always gets in.
 * @param losses in the order in which they were noted
 * @param most losses that there may be; more than there are kinds
 */
export function withLoss(losses: readonly Loss[], loss: Loss, most: number): readonly Loss[] {
  if (losses.some((known) => isSame(known, loss))) return losses;
  if (losses.length < most - LOSS_KINDS.length) return [...losses, loss];
  const at = losses.findLastIndex(({ kind }) => kind === loss.kind);
  const last = losses[at];
  return last ? losses.with(at, merged(last, loss)) : [...losses, loss];
}

/** Several losses of a kind are told as one, in a span that may hold fragments that are not lost. */
export function isMerged({ why }: Pick<Loss, 'why'>): boolean {
  return MERGED.test(why);
}

function isSame(known: Loss, loss: Loss): boolean {
  if (known.kind !== loss.kind) return false;
  if (known.firstFragmentNumber === loss.firstFragmentNumber) return true;
  const { firstFragmentNumber: first, lastFragmentNumber: last } = known;
  if (!isMerged(known) || loss.lastFragmentNumber === undefined) return false;
  const isAfter = first === undefined || BigInt(first) <= BigInt(loss.firstFragmentNumber ?? -1);
  return isAfter && (last === undefined || BigInt(loss.lastFragmentNumber) <= BigInt(last));
}

/** An end that is open, or not known, stays so. */
function merged(a: Loss, b: Loss): Loss {
  const [, more = '0'] = MERGED.exec(a.why) ?? [];
  const first = outermost(a.firstFragmentNumber, b.firstFragmentNumber, (x, y) => x < y);
  const last = outermost(a.lastFragmentNumber, b.lastFragmentNumber, (x, y) => x > y);
  return {
    kind: a.kind,
    why: `this and ${Number(more) + 1} more like it: ${a.why.replace(MERGED, '')}`,
    ...(first !== undefined && { firstFragmentNumber: first }),
    ...(last !== undefined && { lastFragmentNumber: last }),
  };
}

function outermost(
  a: string | undefined,
  b: string | undefined,
  isFurther: (x: bigint, y: bigint) => boolean,
): string | undefined {
  if (a === undefined || b === undefined) return undefined;
  return isFurther(BigInt(b), BigInt(a)) ? b : a;
}
