/**
 * Words as masks see them: the letters and digits of each, and the digits that a number word stands for. What stands between
 * words, and hyphens, dots and the like in them, is none of them: `4111-1111` and `4111 1111` are the same.
 */

/** One word of what was said. */
export interface Spoken {
  /** Lower-case letters and digits; empty where there are none, as in a dash. */
  readonly symbols: string;
  /** The digits that it says: its own where it has no letters, or those of a number word; undefined where it says none. */
  readonly digits: string | undefined;
  /** Whether it may stand between groups of digits: “4111, uh, 1111”. */
  readonly isFiller: boolean;
  /** Nothing is said behind it yet, and it says how often the digit is meant that may come: “double”. */
  readonly isOpen: boolean;
}

/** Recognisers write digits, mostly; some of what is said slowly comes as words. In the order of the digits. */
const NUMBER_WORDS = [
  ['zero', 'oh', 'o', 'null', 'zéro', 'cero', 'nought'],
  ['one', 'eins', 'un', 'uno', 'una'],
  ['two', 'zwei', 'zwo', 'deux', 'dos'],
  ['three', 'drei', 'trois', 'tres'],
  ['four', 'vier', 'quatre', 'cuatro'],
  ['five', 'fünf', 'cinq', 'cinco'],
  ['six', 'sechs', 'seis'],
  ['seven', 'sieben', 'sept', 'siete'],
  ['eight', 'acht', 'huit', 'ocho'],
  ['nine', 'neun', 'neuf', 'nueve'],
] as const;

const DIGIT_OF: ReadonlyMap<string, string> = new Map(
  NUMBER_WORDS.flatMap((words, digit) => words.map((word) => [word, String(digit)] as const)),
);
const TIMES: ReadonlyMap<string, number> = new Map([
  ['double', 2],
  ['triple', 3],
]);
const FILLERS: ReadonlySet<string> = new Set(
  'uh um er eh ah hm and then yes yeah yep ok okay so dash hyphen space und dann ja äh ähm et puis oui euh y luego sí'.split(
    ' ',
  ),
);

export function spokenOf(words: readonly string[]): Spoken[] {
  const symbols = words.map(symbolsOf);
  return symbols.map((own, index) => {
    const next = neighbour(symbols, index, 1);
    const digits = digitsOf(own);
    const times = TIMES.get(neighbour(symbols, index, -1) ?? '') ?? 1;
    const isOpen = TIMES.has(own) && next === undefined;
    const isTimes = isOpen || (TIMES.has(own) && digitsOf(next ?? '') !== undefined);
    return {
      symbols: own,
      digits: digits?.length === 1 ? digits.repeat(times) : digits,
      isFiller: isTimes || isPause(own),
      isOpen,
    };
  });
}

/** What is said before it, or behind it, but for pauses. */
function neighbour(symbols: readonly string[], index: number, step: 1 | -1): string | undefined {
  let at = index + step;
  while (isPause(symbols[at])) at += step;
  return symbols[at];
}

function isPause(symbols: string | undefined): boolean {
  return symbols === '' || (symbols !== undefined && FILLERS.has(symbols));
}

function digitsOf(symbols: string): string | undefined {
  return /^[0-9]+$/.test(symbols) ? symbols : DIGIT_OF.get(symbols);
}

/** Full-width digits and the like are digits. */
function symbolsOf(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
