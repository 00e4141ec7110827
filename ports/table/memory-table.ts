import type { TableSchema } from '../../contract/tables.ts';
import type { Change, Item, Key, Query, Refused, Table, Written } from './table.ts';
import { changed, found, only, plain } from './twin.ts';

/** One write that took effect; a removal is none. */
export interface TableWrite {
  /** The change's; `put` of an item that was put. */
  readonly name: string;
  readonly before: Item | undefined;
  readonly after: Item;
}

/** A table in memory, for tests and simulations. Each write takes effect while it is asked for. No clock, no timer, no dice. */
export class MemoryTable implements Table {
  readonly #items = new Map<string, Item>();
  readonly #schema: TableSchema;
  readonly #onWrite: (write: TableWrite) => void;

  /** @param onWrite told of each write at the moment that it takes effect. */
  constructor(schema: TableSchema, onWrite: (write: TableWrite) => void = () => undefined) {
    this.#schema = schema;
    this.#onWrite = onWrite;
  }

  async get(key: Key, names?: readonly string[]): Promise<Item | undefined> {
    const item = this.item(key);
    return Promise.resolve(item && names ? only(item, names) : item);
  }

  async *query(query: Query): AsyncIterable<readonly Item[]> {
    yield await Promise.resolve(found(this.#schema, [...this.#items.values()], query));
  }

  async change(key: Key, change: Change): Promise<Written | Refused> {
    const standing = this.item(key);
    const written = changed(key, standing, change);
    if (written === undefined) return Promise.resolve({ standing });
    this.#write(change.name, written, standing);
    return Promise.resolve({ written });
  }

  async put(key: Key, item: Item): Promise<Item | undefined> {
    const standing = this.item(key);
    this.#write('put', plain({ ...item, ...key }), standing);
    return Promise.resolve(standing);
  }

  async remove(key: Key): Promise<void> {
    this.tamper(key, undefined);
    return Promise.resolve();
  }

  /** The item as it stands, without asking for it. */
  item(key: Key): Item | undefined {
    return this.#items.get(this.#nameOf(key));
  }

  /** What only a stranger would do: sets an item, or removes it (`undefined`), and nobody is told. */
  tamper(key: Key, item: Item | undefined): void {
    if (item === undefined) this.#items.delete(this.#nameOf(key));
    else this.#items.set(this.#nameOf(key), { ...item, ...key });
  }

  #write(name: string, after: Item, before: Item | undefined): void {
    this.#items.set(this.#nameOf(after), after);
    this.#onWrite({ name, before, after });
  }

  #nameOf(item: Item): string {
    const { hashKey, rangeKey } = this.#schema;
    return JSON.stringify([item[hashKey], rangeKey !== undefined && item[rangeKey]]);
  }
}
