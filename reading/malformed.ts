/**
 * What came malformed, and is read again: a few tries, then it is passed over. It is told by its fragment's number; where
 * not even that can be read, by its place: right behind all that has been dealt with. Pure.
 */

/** A fragment is lost after so many readings, each malformed in the same place. */
export const TRIES_BEFORE_LOST = 3;

export interface Unreadable {
  readonly number: bigint;
  readonly why: string;
}

/** What can't be read, and tells no number. */
export interface Nameless {
  readonly why: string;
  readonly tries: number;
  /** The fragment before it, where that waits for what follows it. */
  readonly after: bigint | undefined;
}

export interface Malformed {
  readonly numbered: ReadonlyMap<bigint, { readonly why: string; readonly tries: number }>;
  /** What could not be read has no number, and isn't settled yet. */
  readonly nameless: Nameless | undefined;
}

export const NOTHING_MALFORMED: Malformed = { numbered: new Map(), nameless: undefined };

/** This fragment has come malformed, once more. */
export function cameMalformed(malformed: Malformed, { number, why }: Unreadable): Malformed {
  const tries = triesOf(malformed, number) + 1;
  return { ...malformed, numbered: new Map(malformed.numbered).set(number, { why, tries }) };
}

/** How often this fragment has come malformed. */
export function triesOf({ numbered }: Malformed, number: bigint): number {
  return numbered.get(number)?.tries ?? 0;
}

/** Something without a number has come malformed, once more. @param after a fragment before it that waits */
export function cameNameless(malformed: Malformed, why: string, after: bigint | undefined): Malformed {
  const { nameless } = malformed;
  const tries = (nameless?.tries ?? 0) + 1;
  return { ...malformed, nameless: { why: nameless?.why ?? why, tries, after } };
}

/** The malformed fragments that are followed now by one of this number (or by none): they were never to be had. */
export function lostBefore({ numbered }: Malformed, next: bigint | undefined): Unreadable[] {
  return [...numbered]
    .filter(([number]) => next === undefined || number < next)
    .map(([number, { why }]) => ({ number, why }));
}

/** Forgets the malformed fragments up to this number (or all, without one): they have been dealt with. */
export function withoutUpTo(malformed: Malformed, next: bigint | undefined): Malformed {
  if (malformed.numbered.size === 0) return malformed;
  const left = [...malformed.numbered].filter(([number]) => next !== undefined && number > next);
  return { ...malformed, numbered: new Map(left) };
}

/** A fragment of this number has come: that settles the nameless one where it lay before that. */
export function namelessBefore({ nameless }: Malformed, number: bigint): Nameless | undefined {
  return nameless && number > (nameless.after ?? -1n) ? nameless : undefined;
}
