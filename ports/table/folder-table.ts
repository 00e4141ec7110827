import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import { isMissing } from '../objects/folder-files.ts';

const Items = v.array(v.record(v.string(), v.unknown()));
export type Item = Readonly<Record<string, unknown>>;

/** A table as a local run leaves it: all items in one JSON file, in plain values. */
export class FolderTable {
  readonly #file: string;
  /** As it was last read: one call after the other is looked up in tables of thousands. */
  #read: { readonly version: string; readonly items: readonly Item[] } | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** None where there is no such file. @throws when it is no such table. */
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

  /** Other items in place of those that are there; the file is whole at any time. */
  async rewrite(items: (standing: readonly Item[]) => readonly Item[]): Promise<void> {
    const standing = await this.items();
    const text = `${JSON.stringify(items(standing), null, 2)}\n`;
    if (text === `${JSON.stringify(standing, null, 2)}\n`) return;
    const temporary = `${this.#file}.tmp`;
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, this.#file);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
