/** A text and its words: where each of them stands in it. */

export interface Worded {
  readonly text: string;
  readonly words: readonly { readonly text: string }[];
}

/** Both ends are character indexes, the second one past it. */
export interface Token {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** The words, in order: its own, or those of its text where it has none. */
export function tokensOf({ text, words }: Worded): Token[] {
  if (words.length === 0) return tokensOfText(text);
  return tokensOfWords(text, words) ?? tokensOfWords(joined(words), words) ?? [];
}

/** The text, where it is that of the words; theirs where it isn’t: nothing is kept that its words don’t say. */
export function textOf({ text, words }: Worded): string {
  return words.length === 0 || tokensOfWords(text, words) ? text : joined(words);
}

function joined(words: Worded['words']): string {
  return words.map(({ text }) => text).join(' ');
}

function tokensOfText(text: string): Token[] {
  return [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
    text: word,
    from: index,
    to: index + word.length,
  }));
}

/** @returns undefined where the text isn’t made of the words, and blanks between them */
function tokensOfWords(text: string, words: Worded['words']): Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  for (const { text: word } of words) {
    while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
    if (!text.startsWith(word, at)) return undefined;
    tokens.push({ text: word, from: at, to: at + word.length });
    at += word.length;
  }
  return text.slice(at).trim() === '' ? tokens : undefined;
}
