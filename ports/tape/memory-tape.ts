/**
 * The tape in memory: the twin of {@link S3Tape} for tests and simulations. No clock, no timer, no dice. (What a Buffer's
 * `slice` gives is no copy.)
 */
import type { Recording } from '../../recording/identity.ts';
import { tapeKey, tapeKeyBefore, tapePrefix } from '../../recording/tape/keys.ts';
import { seal } from '../../recording/tape/seal.ts';
import { type Segment, type Tape, type TapeObject, TapeObjectMissing } from './tape.ts';
import { tapeObjectAt } from './tape-object.ts';

/** One `append`. */
export interface TapeWrite {
  readonly recording: Recording;
  readonly object: TapeObject;
}

export interface MemoryTapeOptions {
  /** Names for the objects; by default they are counted. */
  readonly uuid?: () => string;
  /** Told of each write at the moment that it takes effect. */
  readonly onWrite?: (write: TapeWrite) => void;
}

export class MemoryTape implements Tape {
  readonly #objects = new Map<string, Uint8Array>();
  readonly #history: TapeWrite[] = [];
  readonly #uuid: () => string;
  readonly #onWrite: (write: TapeWrite) => void;

  constructor(options: MemoryTapeOptions = {}) {
    this.#uuid = options.uuid ?? counted();
    this.#onWrite = options.onWrite ?? (() => undefined);
  }

  /** Every write there was, in order. */
  get history(): readonly TapeWrite[] {
    return this.#history;
  }

  /** The keys of all recordings, in order. */
  get keys(): string[] {
    return [...this.#objects.keys()].sort();
  }

  append(recording: Recording, { first, last, bytes }: Segment): Promise<void> {
    const name = { first, last, uuid: seal(this.#uuid(), bytes) };
    const key = tapeKey(recording, name);
    if (this.#objects.has(key)) return Promise.reject(new Error(`${key} would be overwritten`));
    this.#objects.set(key, new Uint8Array(bytes));
    const write = { recording, object: { ...name, key, bytes: bytes.length } };
    this.#history.push(write);
    this.#onWrite(write);
    return Promise.resolve();
  }

  /** Lists as S3 does, page by page, so that what is added behind the page that was read is seen. */
  async *list(recording: Recording, from = 0n): AsyncIterable<TapeObject> {
    const prefix = tapePrefix(recording);
    let after = tapeKeyBefore(recording, from);
    for (let page = this.#page(prefix, after); page.length > 0; page = this.#page(prefix, after)) {
      for (const { key, bytes } of page) {
        const object = tapeObjectAt(prefix, key, bytes);
        if (object !== undefined) yield object;
        after = key;
      }
      await Promise.resolve();
    }
  }

  read(key: string): Promise<readonly Uint8Array[]> {
    const bytes = this.#objects.get(key);
    return bytes === undefined
      ? Promise.reject(new TapeObjectMissing(key))
      : Promise.resolve(inPieces(bytes));
  }

  remove(key: string): Promise<void> {
    this.#objects.delete(key);
    return Promise.resolve();
  }

  /** What only a stranger would do: sets an object, or removes it (`undefined`), behind the tape's back. */
  tamper(key: string, bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.#objects.delete(key);
    else this.#objects.set(key, new Uint8Array(bytes));
  }

  #page(prefix: string, after: string): { key: string; bytes: number }[] {
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix) && key > after)
      .map(([key, bytes]) => ({ key, bytes: bytes.length }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, PAGE_SIZE);
  }
}

/** Cuts bytes anywhere, as a body comes. */
function inPieces(bytes: Uint8Array): Uint8Array[] {
  const cut = Math.floor(bytes.length / 3);
  return [bytes.slice(0, cut), bytes.slice(cut)];
}

/** Keys a page (ListObjectsV2). */
const PAGE_SIZE = 1_000;

/** Uuids in order of their use. */
function counted(): () => string {
  let count = 0;
  return () => `${(++count).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
}
