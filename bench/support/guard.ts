/** Tells which of the guarded ratios have become worse than they were. */
import type { Ratio } from './results.ts';

/** Worse by more than a third. */
const WORSE_MAX = 4 / 3;

export interface Verdict {
  readonly name: string;
  readonly before: number;
  /** Undefined: it is guarded, and was not measured. */
  readonly now: number | undefined;
  /** How many times worse it is; below 1 it is better, Infinity where it wasn't measured. */
  readonly factor: number;
  readonly failed: boolean;
}

/** Every ratio that was guarded when it was kept is judged; one that is new has nothing to be judged by. */
export function judge(before: readonly Ratio[], now: readonly Ratio[]): Verdict[] {
  return before
    .filter(({ guarded }) => guarded === true)
    .map((kept) => {
      const again = now.find(({ name }) => name === kept.name);
      const factor = again === undefined ? Infinity : timesWorse(kept, again);
      return {
        name: kept.name,
        before: kept.value,
        now: again?.value,
        factor,
        // So that what is no number fails, too.
        failed: !(factor <= WORSE_MAX),
      };
    });
}

function timesWorse(before: Ratio, now: Ratio): number {
  return before.better === 'more' ? before.value / now.value : now.value / before.value;
}

/** Compares two looks at the same ratios: only what failed in both has failed, since a busy machine must not decide. */
export function failedTwice(first: readonly Verdict[], second: readonly Verdict[]): Verdict[] {
  return second.filter(
    ({ name, failed }) => failed && first.some((other) => other.name === name && other.failed),
  );
}
