/**
 * Finds the damages of a tape that do no harm, since another object holds the same run of fragments. A name's span proves
 * nothing: an object that was filled from the archive holds what was missing there, and not what lies between.
 */
import type { Loss } from '../call-record.ts';

/** What an object lacks, and two fragments that it holds, or held, around it. */
export interface Damage {
  readonly loss: Loss;
  readonly lower: bigint;
  readonly upper: bigint;
}

interface Run {
  readonly numbers: Set<bigint>;
  last: bigint;
}

/** What undamaged objects hold, joined where they share a fragment; only those that an object to come may meet. */
export class SoundRuns {
  #runs: Run[] = [];

  /** @param first of the object, by its name: none to come begins before it */
  add(first: bigint, numbers: readonly bigint[]): void {
    const near = this.#runs.filter((run) => run.last >= first);
    const touching = near.filter((run) => numbers.some((number) => run.numbers.has(number)));
    const [run = { numbers: new Set(), last: first }, ...others] = touching;
    for (const number of numbers) include(run, number);
    for (const other of others) for (const number of other.numbers) include(run, number);
    this.#runs = [...near.filter((one) => !touching.includes(one)), run];
  }

  hold({ lower, upper }: Pick<Damage, 'lower' | 'upper'>): boolean {
    return this.#runs.some(({ numbers }) => numbers.has(lower) && numbers.has(upper));
  }
}

function include(run: Run, number: bigint): void {
  run.numbers.add(number);
  if (number > run.last) run.last = number;
}

/** An earlier assembly’s damage by its bounds, where it has any. */
export function suspicionOf(loss: Loss): Damage[] {
  const { kind, firstFragmentNumber: first, lastFragmentNumber: last } = loss;
  if (kind !== 'TAPE_DAMAGED' || first === undefined || last === undefined) return [];
  return [{ loss, lower: BigInt(first), upper: BigInt(last) }];
}
