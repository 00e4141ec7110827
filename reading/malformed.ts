/**
 * What came malformed, and is read again: a few tries, then it is passed over. It is told by its fragment's number; where
 * not even that can be read, by its place: right behind all that has been dealt with, or behind a fragment that waits. Pure.
 */

/** A fragment is lost after so many readings, each malformed in the same place. */
export const TRIES_BEFORE_LOST = 3;

export interface Unreadable {
  readonly number: bigint;
  readonly why: string;
}

/** A place at which something can't be read, and tells no number. */
interface Nameless {
  readonly why: string;
  readonly tries: number;
  /** The fragment before it, where that waits for what follows it. */
  readonly after: bigint | undefined;
  /** The session that is open has read on behind it. */
  readonly isPassedOver: boolean;
}

export interface Malformed {
  readonly numbered: ReadonlyMap<bigint, { readonly why: string; readonly tries: number }>;
  /** What could not be read, has no number, and isn't settled yet: each place once. */
  readonly nameless: readonly Nameless[];
}

export const NOTHING_MALFORMED: Malformed = { numbered: new Map(), nameless: [] };

/** This fragment has come malformed, once more. */
export function cameMalformed(malformed: Malformed, { number, why }: Unreadable): Malformed {
  const tries = triesOf(malformed, number) + 1;
  return { ...malformed, numbered: new Map(malformed.numbered).set(number, { why, tries }) };
}

/** This fragment has come well-formed: what was malformed was that reading. */
export function cameWell({ numbered, ...rest }: Malformed, number: bigint): Malformed {
  return { ...rest, numbered: new Map([...numbered].filter(([other]) => other !== number)) };
}

/** How often this fragment has come malformed. */
export function triesOf({ numbered }: Malformed, number: bigint): number {
  return numbered.get(number)?.tries ?? 0;
}

/** Something without a number has come malformed, once more. @param after a fragment before it that waits */
export function cameNameless(malformed: Malformed, why: string, after: bigint | undefined): Malformed {
  const before = malformed.nameless.find((place) => place.after === after);
  const { tries, isPassedOver } = before ?? { tries: 0, isPassedOver: false };
  const place = { why: before?.why ?? why, tries: tries + 1, after, isPassedOver };
  return { ...malformed, nameless: [...malformed.nameless.filter((other) => other !== before), place] };
}

/** How often something without a number has come malformed there. */
export function triesAt({ nameless }: Malformed, after: bigint | undefined): number {
  return nameless.find((place) => place.after === after)?.tries ?? 0;
}

/** The session reads on behind these. */
export function passedOver(malformed: Malformed, which: (place: Nameless) => boolean): Malformed {
  const nameless = malformed.nameless.map((place) =>
    which(place) ? { ...place, isPassedOver: true } : place,
  );
  return { ...malformed, nameless };
}

/** A session begins: it has read on behind nothing yet. */
export function readFromAnew(malformed: Malformed): Malformed {
  const nameless = malformed.nameless.map((place) => ({ ...place, isPassedOver: false }));
  return { ...malformed, nameless };
}

/** The session has read on behind something without a number, and nothing has come since then that settles it. */
export function hasPassedOver({ nameless }: Malformed): boolean {
  return nameless.some(({ isPassedOver }) => isPassedOver);
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

/** What has no number lies before a fragment of this one, where neither is settled. */
export function isBefore({ after }: Nameless, number: bigint): boolean {
  return number > (after ?? -1n);
}

/** A fragment of this number has come: that settles what lay before it. What waited behind it lies behind all that is dealt with. */
export function withoutNamelessBefore(malformed: Malformed, number: bigint): Malformed {
  const nameless = malformed.nameless
    .filter((place) => !isBefore(place, number))
    .map((place) => (place.after === number ? { ...place, after: undefined } : place));
  return { ...malformed, nameless };
}
