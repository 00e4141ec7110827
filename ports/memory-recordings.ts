import type { PartedUpload, Recordings } from './recordings.ts';

const PART_BYTES_MIN = 5 * 1024 * 1024;

/** The twin of {@link S3Recordings}: as strict about parts as S3 is. */
export class MemoryRecordings implements Recordings {
  readonly bucket = 'memory';
  readonly #objects = new Map<string, Uint8Array>();
  #open = 0;

  /** Uploads that have been begun and neither completed nor aborted. */
  get openUploads(): number {
    return this.#open;
  }

  get keys(): string[] {
    return [...this.#objects.keys()].sort();
  }

  get(key: string): Uint8Array | undefined {
    return this.#objects.get(key)?.slice();
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    this.#objects.set(key, bytes.slice());
    return Promise.resolve();
  }

  begin(key: string): Promise<PartedUpload> {
    const parts = new Map<number, Uint8Array>();
    this.#open += 1;
    return Promise.resolve({
      part: (number: number, bytes: Uint8Array) => {
        parts.set(number, bytes.slice());
        return Promise.resolve();
      },
      complete: () => this.#complete(key, parts),
      abort: () => {
        this.#open -= 1;
        return Promise.resolve();
      },
    });
  }

  #complete(key: string, parts: ReadonlyMap<number, Uint8Array>): Promise<void> {
    const ordered = [...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    if (ordered.length === 0 || ordered.slice(0, -1).some((bytes) => bytes.length < PART_BYTES_MIN)) {
      return Promise.reject(new Error('EntityTooSmall: a part other than the last is smaller than 5 MiB'));
    }
    this.#objects.set(key, Buffer.concat(ordered));
    this.#open -= 1;
    return Promise.resolve();
  }
}
