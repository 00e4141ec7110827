/** Card numbers: 13 to 19 digits whose check digit is right (ISO/IEC 7812-1, the Luhn formula), as they are said. */
import type { Spoken } from './spoken.ts';

/** Both ends are in it. */
export interface Words {
  readonly first: number;
  readonly last: number;
}

const LENGTH = { min: 13, max: 19 } as const;
/** Cards of travel, banks and trade; others don’t pay. */
const FIRST_DIGITS = '23456';
/** So many words may stand between two groups of digits. */
const FILLERS_MAX = 2;

interface Digit {
  readonly value: number;
  readonly word: number;
}

/** The words that a card number’s digits stand in. Any run of digits that holds one is searched: what follows it, such as its date, hides nothing. */
export function cardsIn(words: readonly Spoken[]): Words[] {
  return runsOf(words).flatMap(({ digits }) =>
    digits.flatMap((_, start) => {
      const length = cardLengthAt(digits, start);
      const [first, last] = [digits[start], digits[start + (length ?? 0) - 1]];
      return length === undefined || !first || !last ? [] : [{ first: first.word, last: last.word }];
    }),
  );
}

/** The first word of what may turn out to be a card number’s beginning, by what is said next; undefined where none is open. */
export function openCard(words: readonly Spoken[]): number | undefined {
  const run = runsOf(words).at(-1);
  const trailing = words.slice((run?.last ?? -1) + 1);
  const isGoingOn = trailing.length <= FILLERS_MAX && trailing.every(({ isFiller }) => isFiller);
  if (run && isGoingOn) return run.digits.at(-(LENGTH.max - 1))?.word ?? run.digits[0]?.word;
  // “Double”, which the next utterance may go on from.
  const begun = words.findLastIndex(({ isOpen }) => isOpen);
  return begun < 0 ? undefined : begun;
}

interface Run {
  readonly digits: readonly Digit[];
  /** Its last word with digits. */
  readonly last: number;
}

/** Digits that are said in one go. */
function runsOf(words: readonly Spoken[]): Run[] {
  const runs: { digits: Digit[]; last: number }[] = [];
  let between = FILLERS_MAX + 1;
  for (const [word, { digits, isFiller }] of words.entries()) {
    if (digits === undefined) {
      between = isFiller ? between + 1 : FILLERS_MAX + 1;
      continue;
    }
    let run = runs.at(-1);
    if (!run || between > FILLERS_MAX) runs.push((run = { digits: [], last: word }));
    run.digits.push(...Array.from(digits, (digit) => ({ value: Number(digit), word })));
    run.last = word;
    between = 0;
  }
  return runs;
}

/** The longest one, so that nothing of it is left. */
function cardLengthAt(digits: readonly Digit[], start: number): number | undefined {
  if (!FIRST_DIGITS.includes(String(digits[start]?.value))) return undefined;
  const most = Math.min(LENGTH.max, digits.length - start);
  for (let length = most; length >= LENGTH.min; length -= 1)
    if (isLuhn(digits.slice(start, start + length))) return length;
  return undefined;
}

function isLuhn(digits: readonly Digit[]): boolean {
  let sum = 0;
  for (const [index, { value }] of digits.entries()) {
    const doubled = (digits.length - index) % 2 === 0 ? value * 2 : value;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
