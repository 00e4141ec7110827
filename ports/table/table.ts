/**
 * A table of items, told by attribute names and values: what the calls and the checkpoints stand on. DynamoDB's expressions
 * are written in its adapter alone; what DynamoDB promises, by its API Reference, every adapter does:
 *
 * - `get`: strongly consistent: what was written before it was asked for is in it (GetItem, ConsistentRead)
 * - `query`: items of one key, by the order of the table's second key. Of the table itself strongly consistent. By an index it
 *   can't be: what was written a second ago may be missing or stand there as it was, an item without the index's keys is not
 *   in it, and it has few attributes (Query; Developer Guide, “Using Global Secondary Indexes”)
 * - `change`: one item, at once or not at all, and nobody writes it between the condition and the write (UpdateItem). Makes
 *   the item where there is none, unless the condition forbids it
 * - `put`: the whole item in place of whatever stands there (PutItem)
 * - `remove`: also what isn't there (DeleteItem)
 *
 * A request without an answer may have been done; the SDK sends it again. So every change must come to the same when it is made
 * twice, or be refused the second time, and whoever made it must know its own.
 */
import type { Condition } from './condition.ts';

/** Texts, numbers, booleans, lists and maps of them. An attribute that is undefined is none. */
export type Item = Readonly<Record<string, unknown>>;

/** All keys are texts. */
export type Key = Readonly<Record<string, string>>;

/** Each attribute stands in one of the three; those of the key are left out. */
export interface Change {
  /** What it is called by whoever watches the table. */
  readonly name: string;
  /** Attributes to set; one that is undefined is removed. */
  readonly set?: Item;
  /** Attributes to set where there are none; one that is undefined is left alone. */
  readonly setIfAbsent?: Item;
  /** Numbers to add, to 0 where there is none. Made twice, it adds twice: `when` has to see to that, or the reader. */
  readonly add?: Readonly<Record<string, number>>;
  readonly when?: Condition;
}

/** The item as it is after the write. */
export interface Written {
  readonly written: Item;
}

/** The condition was not true, and nothing was written. */
export interface Refused {
  readonly written?: undefined;
  /**
   * The item that refused it, as it was when it did. Undefined where there was none, or the adapter isn't told (UpdateItem,
   * ReturnValuesOnConditionCheckFailure: dynalite doesn't speak it): see {@link standingItem}.
   */
  readonly standing: Item | undefined;
}

export interface Query {
  /** The table's own keys without it. */
  readonly index?: string;
  /** The first key's value. */
  readonly value: string;
  /** The second key's values: both ends are among them, and the first is not after the second. */
  readonly between?: readonly [from: string, to: string];
  readonly backwards?: boolean;
}

export interface Table {
  /** @param only these attributes of it; all without them. */
  get(key: Key, only?: readonly string[]): Promise<Item | undefined>;
  /** Page by page, as they are asked for; a page may be empty. */
  query(query: Query): AsyncIterable<readonly Item[]>;
  change(key: Key, change: Change): Promise<Written | Refused>;
  /** @returns what stood there. */
  put(key: Key, item: Item): Promise<Item | undefined>;
  remove(key: Key): Promise<void>;
}

/** What refused a change; read now, where it wasn't told. */
export async function standingItem(table: Table, key: Key, { standing }: Refused): Promise<Item | undefined> {
  return standing ?? table.get(key);
}
