import { ObjectReplaced, type PartedUpload, type Recordings } from './recordings.ts';

const PART_BYTES_MIN = 5 * 1024 * 1024;

interface Stored {
  readonly bytes: Uint8Array;
  /** No two writes have the same. */
  readonly tag: string;
}

/** The twin of {@link S3Recordings}: as strict about parts and conditions as S3 is. (What a Buffer's `slice` gives is no copy.) */
export class MemoryRecordings implements Recordings {
  readonly bucket = 'memory';
  readonly #objects = new Map<string, Stored>();
  /** Of the objects that have any. */
  readonly tagging = new Map<string, string>();
  #open = 0;
  #writes = 0;

  /** Uploads that have been begun and neither completed nor aborted. */
  get openUploads(): number {
    return this.#open;
  }

  get keys(): string[] {
    return [...this.#objects.keys()].sort();
  }

  get(key: string): Uint8Array | undefined {
    const stored = this.#objects.get(key);
    return stored && new Uint8Array(stored.bytes);
  }

  standing(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#objects.get(key)?.tag);
  }

  read(key: string, bytesMax: number): Promise<Uint8Array | undefined> {
    const bytes = this.get(key);
    return Promise.resolve(bytes && bytes.length <= bytesMax ? bytes : undefined);
  }

  /** What only a stranger would do: removes an object. */
  tamper(key: string): void {
    this.#objects.delete(key);
  }

  async put(
    key: string,
    bytes: Uint8Array,
    _contentType: string,
    over: string | undefined,
    tagging?: string,
  ): Promise<void> {
    await this.#replace(key, new Uint8Array(bytes), over);
    if (tagging === undefined) this.tagging.delete(key);
    else this.tagging.set(key, tagging);
  }

  begin(key: string): Promise<PartedUpload> {
    const parts = new Map<number, Uint8Array>();
    this.#open += 1;
    return Promise.resolve({
      part: (number: number, bytes: Uint8Array) => {
        parts.set(number, new Uint8Array(bytes));
        return Promise.resolve();
      },
      complete: (over) => this.#complete(key, parts, over),
      abort: () => {
        this.#open -= 1;
        return Promise.resolve();
      },
    });
  }

  remove(key: string): Promise<void> {
    this.#objects.delete(key);
    return Promise.resolve();
  }

  async #complete(
    key: string,
    parts: ReadonlyMap<number, Uint8Array>,
    over: string | undefined,
  ): Promise<void> {
    const ordered = [...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    if (ordered.length === 0 || ordered.slice(0, -1).some((bytes) => bytes.length < PART_BYTES_MIN)) {
      throw new Error('EntityTooSmall: a part other than the last is smaller than 5 MiB');
    }
    await this.#replace(key, Buffer.concat(ordered), over);
    this.#open -= 1;
  }

  #replace(key: string, bytes: Uint8Array, over: string | undefined): Promise<void> {
    if (this.#objects.get(key)?.tag !== over) return Promise.reject(new ObjectReplaced(key));
    this.#objects.set(key, { bytes, tag: `"${(this.#writes += 1)}"` });
    return Promise.resolve();
  }
}
