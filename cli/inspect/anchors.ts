/** Where Matroska may begin again behind bytes that are none. */
import { ID, isTopLevel } from '../../matroska/elements.ts';

/** An anchor is the id of an EBML header, of a Segment, or of a child of a Segment: all have four bytes. */
export const ANCHOR_BYTES = 4;

/** @returns the index of the next anchor; undefined where there is none from there on */
export function nextAnchor(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from; at + ANCHOR_BYTES <= bytes.length; at += 1) {
    if (anchorAt(bytes, at) !== undefined) return at;
  }
  return undefined;
}

/** @returns the anchor's id; undefined where there is none at this index */
export function anchorAt(bytes: Uint8Array, at: number): number | undefined {
  if (((bytes[at] ?? 0) & 0xf0) !== 0x10 || at + ANCHOR_BYTES > bytes.length) return undefined;
  let id = 0;
  for (let index = at; index < at + ANCHOR_BYTES; index += 1) id = id * 256 + (bytes[index] ?? 0);
  return id === ID.EBML || id === ID.Segment || isTopLevel(id) ? id : undefined;
}
