/**
 * Masks card numbers, and what a deployment adds, in one side's speech, before anything of it is kept or sent. A number may
 * be said in several utterances: one that ends with what may be a number's beginning is held back until it is known what
 * follows, or nothing has for {@link MASK_WAIT_MS} of the call.
 */
import { cardsIn, openCard } from './cards.ts';
import { type MaskedUtterance, maskWords } from './marks.ts';
import { matchesIn, openMatch, type Pattern } from './patterns.ts';
import { type Spoken, spokenOf } from './spoken.ts';
import { tokensOf } from './tokens.ts';

/** Whoever dictates a number pauses between its groups, but not for so long. */
export const MASK_WAIT_MS = 10_000;
/** Nothing that is masked has so many words; what fillers make longer isn't waited for. */
const HELD_WORDS_MAX = 200;

interface Held<T> {
  readonly utterance: T;
  readonly words: readonly string[];
  /** By word. */
  readonly masked: boolean[];
}

export class Masker<T extends MaskedUtterance> {
  readonly #patterns: readonly Pattern[];
  readonly #waitFrames: number;
  #held: Held<T>[] = [];

  /** @param patterns masked beside card numbers */
  constructor(sampleRate: number, patterns: readonly Pattern[] = []) {
    this.#patterns = patterns;
    this.#waitFrames = (MASK_WAIT_MS * sampleRate) / 1000;
  }

  /** Where the first utterance begins that is held back. */
  get heldFrom(): number | undefined {
    return this.#held[0]?.utterance.startFrame;
  }

  /** @param utterance behind those before. @returns what can be kept and sent now, in order */
  push(utterance: T): T[] {
    const waited = this.heardUpTo(utterance.startFrame);
    this.#held.push(heldOf(utterance));
    this.#mark();
    return [...waited, ...this.#release(this.#open())];
  }

  /** Nothing more is said before that frame. @returns what needn't be held back any more */
  heardUpTo(frame: number): T[] {
    const last = this.#held.at(-1);
    const isOver = last !== undefined && frame - last.utterance.endFrame > this.#waitFrames;
    return isOver ? this.flush() : [];
  }

  /** Nothing follows. */
  flush(): T[] {
    return this.#release(undefined);
  }

  /**
   * Words that are held back turn out not to have been said there. What a number has masked stays so.
   * @param without the parts of an utterance that stay, in order, with the very words that they have of it
   */
  takeBack(without: (utterance: T) => readonly T[]): void {
    this.#held = this.#held.flatMap((held) =>
      without(held.utterance).map((part) => {
        const [first] = part.words;
        const from = first === undefined ? 0 : held.utterance.words.indexOf(first);
        const one = heldOf(part);
        return { ...one, masked: one.masked.map((_, index) => held.masked[from + index] === true) };
      }),
    );
  }

  /** An utterance that isn't finished: what may turn out to be masked is, too. */
  preview(utterance: T): T {
    const all = [...this.#held, heldOf(utterance)];
    const own = all.flatMap(({ words }) => words).length - tokensOf(utterance).length;
    const words = spokenOf(all.flatMap((held) => held.words));
    const masked = this.#maskedIn(words);
    const open = this.#openIn(words);
    return maskWords(
      utterance,
      masked.slice(own).map((is, index) => is || (open !== undefined && own + index >= open)),
    );
  }

  #mark(): void {
    const masked = this.#maskedIn(this.#spoken());
    let at = 0;
    // What a number has masked stays so, when the rest of it has gone.
    for (const held of this.#held)
      for (const index of held.words.keys()) {
        if (masked[at] === true) held.masked[index] = true;
        at += 1;
      }
  }

  #maskedIn(words: readonly Spoken[]): boolean[] {
    const masked = words.map(() => false);
    for (const { first, last } of [...cardsIn(words), ...matchesIn(words, this.#patterns)])
      masked.fill(true, first, last + 1);
    return masked;
  }

  #spoken(): Spoken[] {
    return spokenOf(this.#held.flatMap(({ words }) => words));
  }

  #open(): number | undefined {
    return this.#openIn(this.#spoken());
  }

  /** The first word that may yet be masked. */
  #openIn(words: readonly Spoken[]): number | undefined {
    const open = [openCard(words), openMatch(words, this.#patterns)].filter((one) => one !== undefined);
    return open.length === 0 ? undefined : Math.max(Math.min(...open), words.length - HELD_WORDS_MAX);
  }

  /** @param open the first word that is to be held back */
  #release(open = Infinity): T[] {
    let words = 0;
    const first = this.#held.findIndex((held) => (words += held.words.length) > open);
    const released = this.#held.splice(0, first < 0 ? this.#held.length : first);
    return released.map(({ utterance, masked }) => maskWords(utterance, masked));
  }
}

function heldOf<T extends MaskedUtterance>(utterance: T): Held<T> {
  const words = tokensOf(utterance).map(({ text }) => text);
  return { utterance, words, masked: words.map(() => false) };
}
