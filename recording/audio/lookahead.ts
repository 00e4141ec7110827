/**
 * Holds back what comes, so that each thing is judged with some of what follows it in hand. In bounded memory: where
 * things are large, fewer of them are held.
 */
export class Lookahead<Item> {
  readonly #wanted: number;
  readonly #bytesMax: number;
  readonly #sizeOf: (item: Item) => number;
  readonly #items: Item[] = [];
  #bytes = 0;

  /** @param wanted how many are to follow one before it is given out. @param bytesMax that are held at most, save one thing */
  constructor(wanted: number, bytesMax: number, sizeOf: (item: Item) => number) {
    this.#wanted = wanted;
    this.#bytesMax = bytesMax;
    this.#sizeOf = sizeOf;
  }

  /** The things that are held, in order. */
  get held(): readonly Item[] {
    return this.#items;
  }

  /** More would be too much to hold. */
  get isFull(): boolean {
    return this.#bytes > this.#bytesMax;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#bytes += this.#sizeOf(item);
  }

  /** @returns the first one, if enough follow it: {@link held} is then what follows. */
  next(): Item | undefined {
    return this.#items.length > this.#wanted || this.isFull ? this.rest() : undefined;
  }

  /** @returns the first one, however few follow it. */
  rest(): Item | undefined {
    const item = this.#items.shift();
    if (item !== undefined) this.#bytes -= this.#sizeOf(item);
    return item;
  }
}
