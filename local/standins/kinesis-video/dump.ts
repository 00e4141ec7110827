/** Reads a GetMedia dump: the body of a session, or several joined, as a file. */
import { MalformedError } from '../../../matroska/errors.ts';
import { byteLengthOf, documentOf, type Fragment } from '../../../matroska/fragment.ts';
import { FragmentReader } from '../../../matroska/reader.ts';
import { compareFragmentNumbers } from '../../../recording/fragment-number.ts';
import { betterCopy } from '../../../recording/tape/better-copy.ts';
import type { StoredFragment } from './stream.ts';

/** A fragment of a dump. */
export interface DumpFragment extends StoredFragment {
  /** The fragment's ContactId tag, or that of the one before it in the same Segment; undefined where neither is there. */
  readonly contactId: string | undefined;
}

/** When a file is no GetMedia dump, or a damaged one. `message` says what is wrong, where, and what to do. */
export class DumpError extends Error {
  override readonly name = 'DumpError';
  /** Byte offset in the file. */
  readonly offset: number;

  constructor(what: string, offset: number, options?: ErrorOptions) {
    super(`${what}. Give the body of GetMedia as it came, with nothing before, between or after`, options);
    this.offset = offset;
  }
}

/**
 * The fragments of a dump, each document verbatim, in order of number; of several copies the best one. A last
 * fragment is taken as it is, even torn. Reports of errors in the stream belong to a session, and are left out.
 * @throws DumpError when the bytes are not that, or hold no fragment at all.
 */
export async function readDump(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<DumpFragment[]> {
  const found = new Map<bigint, Fragment>();
  const reader = new FragmentReader();
  const tail = new Tail();
  try {
    for await (const chunk of chunks) {
      tail.add(chunk);
      reader.push(chunk);
      for (let fragment = reader.next(); fragment; fragment = reader.next()) {
        tail.dropUntil(fragment.offset + byteLengthOf(fragment));
        addCopy(found, fragment);
      }
    }
    const last = reader.finish();
    // The reader cuts a torn fragment back to what is complete; a session would have brought the rest too.
    if (last?.number !== undefined) addCopy(found, { ...last, pieces: [tail.from(last.offset)] });
  } catch (error) {
    throw error instanceof MalformedError
      ? new DumpError(`this is not a whole GetMedia body: ${error.message}`, error.offset, { cause: error })
      : error;
  }
  if (found.size === 0) {
    const what = reader.offset === 0 ? 'the file is empty' : `no fragment in ${reader.offset} bytes`;
    throw new DumpError(what, reader.offset);
  }
  return described([...found.values()]);
}

function addCopy(found: Map<bigint, Fragment>, fragment: Fragment): void {
  const { number, error, offset } = fragment;
  if (error) return;
  if (number === undefined) {
    throw new DumpError(`the fragment at byte ${offset} has no AWS_KINESISVIDEO_FRAGMENT_NUMBER`, offset);
  }
  const other = found.get(number);
  found.set(number, other ? betterCopy(other, fragment) : fragment);
}

function described(fragments: Fragment[]): DumpFragment[] {
  fragments.sort((a, b) => compareFragmentNumbers(a.number ?? 0n, b.number ?? 0n));
  let before: Fragment | undefined;
  let contactBefore: string | undefined;
  return fragments.map((fragment) => {
    const sameSegment = fragment.segmentUid !== undefined && fragment.segmentUid === before?.segmentUid;
    const contactId = fragment.tags.get('ContactId') ?? (sameSegment ? contactBefore : undefined);
    before = fragment;
    contactBefore = contactId;
    return { ...placeInTime(fragment), document: documentOf(fragment), contactId };
  });
}

/** One clock has to do where the other isn't told: they only serve to find a place to start from. */
function placeInTime(fragment: Fragment): Omit<StoredFragment, 'document'> {
  const { number = 0n, serverTimestampMs, producerTimestampMs, blocks } = fragment;
  const known = serverTimestampMs ?? producerTimestampMs ?? blocks[0]?.timeMs ?? 0;
  return {
    number,
    serverTimestampMs: serverTimestampMs ?? known,
    producerTimestampMs: producerTimestampMs ?? known,
  };
}

/** The last bytes that were read, as far as no fragment has claimed them. */
class Tail {
  #chunks: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  #end = 0;

  add(bytes: Uint8Array): void {
    this.#chunks.push({ offset: this.#end, bytes });
    this.#end += bytes.length;
  }

  dropUntil(offset: number): void {
    const kept = this.#chunks.findIndex((chunk) => chunk.offset + chunk.bytes.length > offset);
    this.#chunks = kept < 0 ? [] : this.#chunks.slice(kept);
  }

  from(offset: number): Uint8Array {
    const parts = this.#chunks.map((chunk) => chunk.bytes.subarray(Math.max(0, offset - chunk.offset)));
    return Buffer.concat(parts);
  }
}
