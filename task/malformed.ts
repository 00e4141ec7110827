/**
 * What came malformed, and is read again: a few tries, then it is passed over. It is told by its fragment's number; where
 * not even that can be read, by its place: right behind all that has been dealt with.
 */

/** So many readings, each malformed in the same place. */
export const TRIES_BEFORE_LOST = 3;

export interface Unreadable {
  readonly number: bigint;
  readonly why: string;
}

/** What can't be read, and tells no number. */
interface Nameless {
  readonly why: string;
  readonly tries: number;
  /** The fragment before it, where that waits for what follows it. */
  readonly after: bigint | undefined;
}

export class Malformed {
  readonly #numbered = new Map<bigint, { readonly why: string; readonly tries: number }>();
  #nameless: Nameless | undefined;
  /** The present session has come upon it. */
  #isHere = false;
  /** The present session reads on behind it. */
  #passedOver = false;

  /** Without a number, and not settled yet: why. */
  get nameless(): string | undefined {
    return this.#nameless?.why;
  }

  /** The present session has come upon something without a number. */
  get isHere(): boolean {
    return this.#isHere;
  }

  /** The present session reads on behind something that it couldn't read. */
  get isPassedOver(): boolean {
    return this.#passedOver;
  }

  /** A session begins. */
  opened(): void {
    this.#isHere = false;
    this.#passedOver = false;
  }

  /** @returns how often this fragment has come malformed */
  note({ number, why }: Unreadable): number {
    const tries = (this.#numbered.get(number)?.tries ?? 0) + 1;
    this.#numbered.set(number, { why, tries });
    return tries;
  }

  /** @param after a fragment before it that waits. @returns how often that place has come malformed */
  noteNameless(why: string, after: bigint | undefined): number {
    const tries = (this.#nameless?.tries ?? 0) + 1;
    this.#nameless = { why: this.#nameless?.why ?? why, tries, after };
    this.#isHere = true;
    return tries;
  }

  passOver(): void {
    this.#passedOver = true;
  }

  /** Those that are followed now by a fragment of this number (or by none): they were never to be had. */
  takeLost(next: bigint | undefined): Unreadable[] {
    const lost: Unreadable[] = [];
    for (const [number, { why }] of [...this.#numbered]) {
      if (next !== undefined && number > next) continue;
      this.#numbered.delete(number);
      if (number !== next) lost.push({ number, why });
    }
    return lost;
  }

  /** A fragment has come. @returns why what lay before it could not be read, where it was passed over */
  takePassedOver(before: bigint): string | undefined {
    const nameless = this.#nameless;
    if (!nameless || before <= (nameless.after ?? -1n)) return undefined;
    const isPassedOver = this.#passedOver;
    this.#nameless = undefined;
    this.#passedOver = false;
    return isPassedOver ? nameless.why : undefined;
  }
}
