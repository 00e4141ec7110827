import { documentOf, type Fragment } from '../../matroska/fragment.ts';
import { FragmentReader } from '../../matroska/reader.ts';
import { MediaError } from '../media/media.ts';
import { kindOfStreamError } from '../media/stream-errors.ts';

/** "Fragment not found": archived media's own id, and live media's. */
const NOT_FOUND = new Set([3000, 4000]);

/**
 * The fragments that are still there, each document verbatim. A body ends with the report of a fragment that isn't:
 * the rest is then asked for again. A document that breaks off is not handed on: cut back to its last complete
 * element, it would look like a whole one.
 * @param open asks for fragments by number
 * @throws MediaError for any other report, and where a body ends in the middle of a fragment
 */
export async function* archivedBody(
  numbers: readonly bigint[],
  open: (numbers: readonly bigint[]) => Promise<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const wanted = new Set(numbers);
  let reported: boolean;
  do {
    reported = false;
    for await (const { fragment, isLast } of fragmentsOf(await open([...wanted]))) {
      const { number, error } = fragment;
      // Whether it is whole only its reader can find out; behind another body it would look so.
      if (isLast && reported) break;
      if (error && !NOT_FOUND.has(error.id))
        throw new MediaError(
          kindOfStreamError(error.id),
          `archived media reported ${error.id} ${error.code}`,
        );
      if (number !== undefined && wanted.delete(number) && error) reported = true;
      if (!error) yield documentOf(fragment);
    }
  } while (reported && wanted.size > 0);
}

interface Part {
  readonly fragment: Fragment;
  /** The body ended with it, and nothing else says that it is whole. */
  readonly isLast: boolean;
}

async function* fragmentsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Part, void, undefined> {
  const reader = new FragmentReader();
  for await (const chunk of body) {
    reader.push(chunk);
    for (let fragment = reader.next(); fragment; fragment = reader.next()) yield { fragment, isLast: false };
  }
  const fragment = reader.finish();
  if (fragment?.wholeness === 'torn')
    throw new MediaError('unavailable', 'the body of archived media ended in the middle of a fragment');
  if (fragment) yield { fragment, isLast: true };
}
