/** Bytes that are all there, though some of them may be damaged. */
import type { MalformedError } from './errors.ts';
import type { Fragment } from './fragment.ts';
import { readAll } from './read-all.ts';
import type { Repeats } from './repeats.ts';

const EBML_HEADER = [0x1a, 0x45, 0xdf, 0xa3] as const;

/** Every fragment that can be read, and an error wherever something can't: reading goes on behind it. */
export function* salvage(
  pieces: readonly Uint8Array[],
  repeats: Repeats,
): Generator<Fragment | MalformedError> {
  let error = yield* readAll(pieces, repeats);
  if (!error) return;
  const bytes = Buffer.concat(pieces);
  for (let from = 0; error;) {
    yield error;
    from = nextHeader(bytes, from + Math.max(1, error.offset));
    if (from < 0) return;
    error = yield* readAll([bytes.subarray(from)]);
  }
}

/** @returns where the next EBML header may begin, or -1. */
function nextHeader(bytes: Uint8Array, from: number): number {
  const [first] = EBML_HEADER;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (EBML_HEADER.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
