/** Bytes that are all there, such as a tape object's, as fragments. */
import { MalformedError } from './errors.ts';
import type { Fragment } from './fragment.ts';
import { FragmentReader } from './reader.ts';
import type { Repeats } from './repeats.ts';

/**
 * @param pieces in order; fragments are views of them
 * @param repeats what bytes of the same stream have said before; it is given what these say
 * @returns as many fragments as can be read, and then what ended it early
 */
export function* readAll(
  pieces: readonly Uint8Array[],
  repeats?: Repeats,
): Generator<Fragment, MalformedError | undefined> {
  const reader = new FragmentReader({}, repeats);
  for (const piece of pieces) reader.push(piece);
  try {
    for (let fragment = reader.next(); fragment; fragment = reader.next()) yield fragment;
    const last = reader.finish();
    if (last) yield last;
    return undefined;
  } catch (error) {
    if (error instanceof MalformedError) return error;
    throw error;
  }
}
