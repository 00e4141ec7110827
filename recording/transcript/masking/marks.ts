/** Puts a mark in place of words, in an utterance’s text and in its words. */
import { textOf, tokensOf } from './tokens.ts';

/** Stands for what was masked, in whatever length it had. */
export const MASK = '[masked]';

interface UtteranceWord {
  readonly text: string;
  readonly startFrame: number;
  readonly endFrame: number;
  readonly confidence?: number | undefined;
}

export interface MaskedUtterance {
  readonly startFrame: number;
  readonly endFrame: number;
  readonly text: string;
  /** None where there are no times. */
  readonly words: readonly UtteranceWord[];
}

/** @param masked by word, as {@link tokensOf} has them */
export function maskWords<T extends MaskedUtterance>(utterance: T, masked: readonly boolean[]): T {
  const { words } = utterance;
  if (!masked.includes(true)) return { ...utterance, text: textOf(utterance) };
  return { ...utterance, text: maskedText(utterance, masked), words: maskedWords(words, masked) };
}

function maskedText(utterance: MaskedUtterance, masked: readonly boolean[]): string {
  const text = textOf(utterance);
  let out = '';
  let at = 0;
  for (const [index, { from, to }] of tokensOf(utterance).entries()) {
    if (masked[index] !== true) continue;
    // What stands between two masked words is part of what is masked.
    if (masked[index - 1] !== true) out += text.slice(at, from) + MASK;
    at = to;
  }
  return out + text.slice(at);
}

function maskedWords(words: readonly UtteranceWord[], masked: readonly boolean[]): UtteranceWord[] {
  const out: UtteranceWord[] = [];
  for (const [index, word] of words.entries()) {
    if (masked[index] !== true) out.push(word);
    else if (masked[index - 1] !== true)
      out.push({ text: MASK, startFrame: word.startFrame, endFrame: word.endFrame });
    else {
      const mark = out.pop();
      if (mark) out.push({ ...mark, endFrame: Math.max(mark.endFrame, word.endFrame) });
    }
  }
  return out;
}
