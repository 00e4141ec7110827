/**
 * What a deployment has masked beside card numbers: patterns of a small language of their own, since a regular expression of
 * anybody's may take for ever. `#` is a digit, `@` a letter, `*` either, `{n}` and `{n,m}` behind one say how many; other letters and
 * digits stand for themselves, large or small; all else is left out, as it is of what is said: `###-##-####`, `AB #{6,8}`.
 * A match begins and ends with words, and takes steps in proportion to the words and the pattern's length, whatever they are.
 */
import { RecordingError } from '../../errors.ts';
import type { Words } from './cards.ts';
import type { Spoken } from './spoken.ts';

/** One letter or digit. */
interface Place {
  readonly takes: (symbol: string) => boolean;
  readonly optional: boolean;
}

export type Pattern = readonly Place[];

const PATTERNS_MAX = 16;
const PLACES_MAX = 64;
/** A pattern that fits nearly every word would leave nothing. */
const PLACES_MIN = 3;
const ELEMENT = /([#@*]|[\p{L}\p{N}])(?:\{([0-9]{1,2})(?:,([0-9]{1,2}))?\})?/gu;
const LETTER = /^\p{L}$/u;
const DIGIT = /^[0-9]$/;

/** @param text patterns, separated by semicolons. @throws RecordingError */
export function parsePatterns(text: string): Pattern[] {
  const texts = text.split(';').filter((one) => one.trim() !== '');
  if (texts.length > PATTERNS_MAX) throw new RecordingError(`at most ${PATTERNS_MAX} patterns can be masked`);
  return texts.map(parsePattern);
}

function parsePattern(text: string): Pattern {
  const places = [...text.normalize('NFKC').toLowerCase().matchAll(ELEMENT)].flatMap(placesOf);
  const least = places.filter(({ optional }) => !optional).length;
  const rest = text.replace(/\{[0-9]{1,2}(?:,[0-9]{1,2})?\}/g, '');
  if (/[{}]/.test(rest) || places.length > PLACES_MAX || least < PLACES_MIN)
    throw new RecordingError(
      `a pattern to mask is ${PLACES_MIN} to ${PLACES_MAX} letters and digits, # for a digit, @ for a letter, * for ` +
        'either, {n} or {n,m} behind one for how many',
    );
  return places;
}

function placesOf([, kind = '', least = '1', most = least]: RegExpExecArray): Place[] {
  const takes = takerOf(kind);
  const [min, max] = [Number(least), Number(most)];
  if (max < min || max === 0) throw new RecordingError('a pattern’s {n,m} must not be 0, nor go down');
  return Array.from({ length: max }, (_, index) => ({ takes, optional: index >= min }));
}

function takerOf(kind: string): Place['takes'] {
  if (kind === '#') return (symbol) => DIGIT.test(symbol);
  if (kind === '@') return (symbol) => LETTER.test(symbol);
  if (kind === '*') return () => true;
  return (symbol) => symbol === kind;
}

interface PatternWalk {
  /** The last word of the longest match that begins there. */
  readonly last: number | undefined;
  /** Whether what is said next may make one, or a longer one. */
  readonly isOpen: boolean;
}

/** Matches from that word on. */
function walk(pattern: Pattern, words: readonly Spoken[], first: number): PatternWalk {
  let reached = new Reached(pattern).begin();
  let last: number | undefined;
  for (let index = first; index < words.length; index += 1) {
    const word = words[index];
    if (!word) break;
    const next = reached.behind(word);
    if (next.isAtEnd) last = index;
    if (index > first && word.isFiller) next.add(reached);
    if (next.isNone) return { last, isOpen: false };
    reached = next;
  }
  return { last, isOpen: reached.isOpen };
}

/** The places of a pattern that are next, by what has been said of it: one may be skipped, so that there are several. */
class Reached {
  readonly #pattern: Pattern;
  readonly #places: Uint8Array;

  constructor(pattern: Pattern, places: Uint8Array = new Uint8Array(pattern.length + 1)) {
    this.#pattern = pattern;
    this.#places = places;
  }

  begin(): this {
    this.#places[0] = 1;
    return this;
  }

  get isNone(): boolean {
    return !this.#places.includes(1);
  }

  get isAtEnd(): boolean {
    return this.#places[this.#pattern.length] === 1;
  }

  get isOpen(): boolean {
    return this.#places.subarray(0, -1).includes(1);
  }

  add(other: Reached): void {
    for (const [place, is] of other.#places.entries()) this.#places[place] = (this.#places[place] ?? 0) | is;
  }

  /** As its letters, and as the digits that it says. */
  behind({ symbols, digits }: Spoken): Reached {
    const next = this.#after(symbols);
    if (digits !== undefined && digits !== symbols) next.add(this.#after(digits));
    return next;
  }

  #after(text: string): Reached {
    let places: Uint8Array = text === '' ? new Uint8Array(this.#places.length) : this.#places;
    for (const symbol of text) {
      const next = new Uint8Array(places.length);
      let skipped = 0;
      for (const [place, { takes, optional }] of this.#pattern.entries()) {
        const here = (places[place] ?? 0) | skipped;
        if (here === 1 && takes(symbol)) next[place + 1] = 1;
        skipped = optional ? here : 0;
      }
      places = next;
    }
    return new Reached(this.#pattern, this.#withSkipped(places));
  }

  /** What is optional at the pattern’s end is no reason to wait. */
  #withSkipped(places: Uint8Array): Uint8Array {
    const out = Uint8Array.from(places);
    for (const [place, { optional }] of this.#pattern.entries())
      if (optional && out[place] === 1) out[place + 1] = 1;
    return out;
  }
}

export function matchesIn(words: readonly Spoken[], patterns: readonly Pattern[]): Words[] {
  return words.flatMap((_, first) =>
    patterns.flatMap((pattern) => {
      const { last } = walk(pattern, words, first);
      return last === undefined ? [] : [{ first, last }];
    }),
  );
}

/** The first word of what may turn out to be a match, by what is said next. */
export function openMatch(words: readonly Spoken[], patterns: readonly Pattern[]): number | undefined {
  const first = words.findIndex(
    ({ symbols }, index) => symbols !== '' && patterns.some((pattern) => walk(pattern, words, index).isOpen),
  );
  return first < 0 ? undefined : first;
}
