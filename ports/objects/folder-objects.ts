import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileOf, isMissing, keysIn } from './folder-files.ts';
import { type ByteRange, ObjectMissing, type ObjectVersion, type StoredObjects } from './stored-objects.ts';

/** The twin of {@link S3Objects}, on a local run's files. There is one version of each. */
export class FolderObjects implements StoredObjects {
  readonly name: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.name = folder;
  }

  async *read(key: string, range?: ByteRange): AsyncIterable<Uint8Array> {
    if (range && range.to <= range.from) return;
    const stream = createReadStream(
      fileOf(this.#folder, key),
      range && { start: range.from, ...(range.to !== Infinity && { end: range.to - 1 }) },
    );
    try {
      for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
    } catch (error) {
      if (isMissing(error)) throw new ObjectMissing(this.name, key, error);
      throw error;
    }
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const file = fileOf(this.#folder, key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.part`, bytes, { mode: 0o600 });
    await rename(`${file}.part`, file);
  }

  async *versions(prefix: string): AsyncIterable<ObjectVersion> {
    for (const key of await keysIn(this.#folder, prefix)) {
      yield { key, bytes: (await stat(fileOf(this.#folder, key))).size };
    }
  }

  /** Folders that are empty then go too. */
  async erase(versions: readonly ObjectVersion[]): Promise<void> {
    for (const { key } of versions) {
      const file = fileOf(this.#folder, key);
      await rm(file, { force: true });
      await this.#removeEmpty(dirname(file));
    }
  }

  async #removeEmpty(folder: string): Promise<void> {
    const below = relative(this.#folder, folder);
    if (below === '' || below.startsWith('..')) return;
    try {
      await rmdir(folder);
    } catch {
      // Something is left in it, or it has gone already.
      return;
    }
    await this.#removeEmpty(dirname(folder));
  }
}
