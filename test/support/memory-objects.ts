/** A world's tape and recordings as an operator meets them: one bucket, without versions. */
import { ObjectMissing, type ObjectVersion, type StoredObjects } from '../../ports/objects/stored-objects.ts';
import type { MemoryRecordings } from '../../ports/recordings/memory-recordings.ts';
import type { MemoryTape } from '../../ports/tape/memory-tape.ts';

export class MemoryObjects implements StoredObjects {
  readonly name = 's3://memory';
  readonly #tape: MemoryTape;
  readonly #recordings: MemoryRecordings;
  /** Called before each deletion, for tests that fail there. */
  onErase: (versions: readonly ObjectVersion[]) => Promise<void> = () => Promise.resolve();

  constructor(tape: MemoryTape, recordings: MemoryRecordings) {
    this.#tape = tape;
    this.#recordings = recordings;
  }

  get keys(): string[] {
    return [...this.#tape.keys, ...this.#recordings.keys];
  }

  async *read(key: string): AsyncIterable<Uint8Array> {
    const bytes = await Promise.resolve(this.#recordings.get(key));
    if (bytes === undefined) throw new ObjectMissing(this.name, key);
    yield bytes;
  }

  async put(key: string, bytes: Uint8Array, contentType: string, tagging?: string): Promise<void> {
    const over = await this.#recordings.standing(key);
    await this.#recordings.put(key, bytes, contentType, over, tagging);
  }

  async *versions(prefix: string): AsyncIterable<ObjectVersion> {
    await Promise.resolve();
    for (const key of this.keys) if (key.startsWith(prefix)) yield { key, bytes: 1 };
  }

  async erase(versions: readonly ObjectVersion[]): Promise<void> {
    await this.onErase(versions);
    for (const { key } of versions) {
      await this.#tape.remove(key);
      await this.#recordings.remove(key);
    }
  }
}
