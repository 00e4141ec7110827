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
    const times = TIMES.get(symbols[index - 1] ?? '') ?? 1;
    const digits = digitsOf(own);
    const isTimes = TIMES.has(own) && digitsOf(symbols[index + 1] ?? '') !== undefined;
    return {
      symbols: own,
      digits: digits?.length === 1 ? digits.repeat(times) : digits,
      isFiller: own === '' || isTimes || FILLERS.has(own),
    };
  });
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
