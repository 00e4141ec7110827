import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { TableSchema } from '../../contract/tables.ts';
import { isMissing } from '../objects/folder-files.ts';
import type { Change, Item, Key, Query, Refused, Table, Written } from './table.ts';
import { changed, found, only, plain } from './twin.ts';

const Items = v.array(v.record(v.string(), v.unknown()));

/** A table as a local run leaves it: all items in one JSON file, in plain values. Nobody else writes it meanwhile. */
export class FolderTable implements Table {
  readonly #file: string;
  readonly #schema: TableSchema;
  /** The file as it was last read: one call after the other is looked up in tables of thousands. */
  #read: { readonly version: string; readonly items: readonly Item[] } | undefined;

  constructor(file: string, schema: TableSchema) {
    this.#file = file;
    this.#schema = schema;
  }

  async get(key: Key, names?: readonly string[]): Promise<Item | undefined> {
    const item = (await this.items()).find((candidate) => isOf(candidate, key));
    return item && names ? only(item, names) : item;
  }

  async *query(query: Query): AsyncIterable<readonly Item[]> {
    yield found(this.#schema, await this.items(), query);
  }

  async change(key: Key, change: Change): Promise<Written | Refused> {
    const standing = await this.get(key);
    const written = changed(key, standing, change);
    if (written === undefined) return { standing };
    await this.#replace(key, written);
    return { written };
  }

  async put(key: Key, item: Item): Promise<Item | undefined> {
    const standing = await this.get(key);
    await this.#replace(key, plain({ ...item, ...key }));
    return standing;
  }

  async remove(key: Key): Promise<void> {
    await this.#replace(key, undefined);
  }

  /** All of them; none where there is no such file. @throws when it is no such table. */
  async items(): Promise<readonly Item[]> {
    let version: string;
    let text: string;
    try {
      const { ino, size, mtimeNs } = await stat(this.#file, { bigint: true });
      version = [ino, size, mtimeNs].join();
      if (this.#read?.version === version) return this.#read.items;
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
    const parsed = v.safeParse(Items, jsonOf(text));
    if (!parsed.success) throw new Error(`${this.#file} is not a table that a local run has written`);
    this.#read = { version, items: parsed.output };
    return parsed.output;
  }

  /** Writes the item at its place, or behind the others; the file is whole at any time. */
  async #replace(key: Key, item: Item | undefined): Promise<void> {
    const standing = await this.items();
    const index = standing.findIndex((candidate) => isOf(candidate, key));
    if (index < 0 && item === undefined) return;
    const items = standing.toSpliced(index < 0 ? standing.length : index, 1, ...(item ? [item] : []));
    const temporary = `${this.#file}.tmp`;
    await writeFile(temporary, `${JSON.stringify(items, null, 2)}\n`, { mode: 0o600 });
    await rename(temporary, this.#file);
  }
}

function isOf(item: Item, key: Key): boolean {
  return Object.entries(key).every(([name, value]) => item[name] === value);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
