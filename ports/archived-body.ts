import type { Fragment } from '../matroska/fragment.ts';
import { FragmentReader } from '../matroska/reader.ts';

/** "Fragment not found": archived media's own id, and live media's. */
const NOT_FOUND = new Set([3000, 4000]);

/**
 * The fragments that are still there, each document verbatim. A body ends with the report of a fragment that isn't:
 * the rest is then asked for again. Any other report is handed on.
 * @param open asks for fragments by number
 */
export async function* archivedBody(
  numbers: readonly bigint[],
  open: (numbers: readonly bigint[]) => Promise<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let wanted = new Set(numbers);
  while (wanted.size > 0) {
    const before = wanted.size;
    let missing: bigint | undefined;
    for await (const fragment of fragmentsOf(await open([...wanted]))) {
      if (fragment.number !== undefined) wanted.delete(fragment.number);
      if (fragment.error && NOT_FOUND.has(fragment.error.id)) missing = fragment.number;
      else yield fragment.bytes;
    }
    if (missing === undefined || wanted.size === before) wanted = new Set();
  }
}

async function* fragmentsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Fragment, void, undefined> {
  const reader = new FragmentReader();
  for await (const chunk of body) {
    reader.push(chunk);
    for (let fragment = reader.next(); fragment; fragment = reader.next()) yield fragment;
  }
  const last = reader.finish();
  if (last) yield last;
}
