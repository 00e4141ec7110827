import { type ListedFragment, type MediaArchive, MediaError } from '../media/media.ts';
import { archivedDocument } from '../media/memory-documents.ts';
import type { MemoryStream, StoredFragment } from '../media/memory-stream.ts';

export interface ArchivePlan {
  /** False: the stream keeps no archive. */
  readonly retention?: boolean;
  /** An error for the nth call (from 1) of an operation. */
  readonly refuse?: (operation: 'list' | 'fetch', call: number) => MediaError | undefined;
}

/** Archived media of a stream in memory. */
export class MemoryArchive implements MediaArchive {
  readonly #stream: MemoryStream;
  readonly #plan: ArchivePlan;
  readonly #calls = { list: 0, fetch: 0 };

  constructor(stream: MemoryStream, plan: ArchivePlan = {}) {
    this.#stream = stream;
    this.#plan = plan;
  }

  list(fromMs: number, toMs: number): Promise<ListedFragment[]> {
    const refusal = this.#refusal('list');
    if (refusal) return Promise.reject(refusal);
    const listed = listedWithin(this.#stream, 'server', fromMs, toMs);
    return Promise.resolve(listed.map(({ number, serverTimestampMs }) => ({ number, serverTimestampMs })));
  }

  fetch(numbers: readonly bigint[]): Promise<AsyncIterable<Uint8Array>> {
    const refusal = this.#refusal('fetch');
    if (refusal) return Promise.reject(refusal);
    if (numbers.length < 1 || numbers.length > 1000)
      return Promise.reject(new RangeError('1 to 1,000 fragments are fetched at once'));
    return Promise.resolve(this.#body(numbers));
  }

  async *#body(numbers: readonly bigint[]): AsyncGenerator<Uint8Array, void, undefined> {
    const held = new Map(this.#stream.fragments.map((fragment) => [fragment.number, fragment]));
    for (const number of numbers) {
      await Promise.resolve();
      const fragment = held.get(number);
      if (fragment) yield archivedDocument(fragment.document);
    }
  }

  #refusal(operation: 'list' | 'fetch'): MediaError | undefined {
    this.#calls[operation] += 1;
    const refusal = this.#plan.refuse?.(operation, this.#calls[operation]);
    if (refusal) return refusal;
    if (this.#plan.retention === false) return new MediaError('noRetention', 'the stream keeps no archive');
    return undefined;
  }
}

/** Fragments that start within the span, in no order, as ListFragments gives them. */
export function listedWithin(
  stream: MemoryStream,
  by: 'server' | 'producer',
  fromMs: number,
  toMs: number,
): StoredFragment[] {
  const inSpan = stream.listed.filter((fragment) => {
    const startMs = by === 'server' ? fragment.serverTimestampMs : fragment.producerTimestampMs;
    return startMs >= fromMs && startMs <= toMs;
  });
  // Neighbours land apart, the same way every time: by bits of the number that are as good as random.
  return inSpan
    .map((fragment) => ({ fragment, place: disorder(fragment) }))
    .sort((a, b) => a.place - b.place)
    .map(({ fragment }) => fragment);
}

function disorder(fragment: StoredFragment): number {
  return Number((fragment.number * 0x9e37_79b9n) & 0xffff_ffffn);
}
