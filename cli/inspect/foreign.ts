/** Bytes that are no Matroska: how they are known, and what is shown of them. */
import { type ElementHeader, UNKNOWN_SIZE } from '../../matroska/bytes.ts';
import { isGlobal, isTopLevel } from '../../matroska/elements.ts';
import type { ElementInfo } from './schema.ts';
import { hex } from './values.ts';

/** What claims to be larger is no element: real ones are far smaller, and those that nobody knows smaller still. */
const LEAF_BYTES_MAX = 256 * 1024 * 1024;
const UNKNOWN_BYTES_MAX = 16 * 1024 * 1024;
const DEPTH_MAX = 32;
/** So many bytes are shown of what is no Matroska. */
const PREVIEW_BYTES = 60;

/** An element that others stand in, of which not all has come. */
export interface OpenMaster {
  readonly name: string;
  readonly level: number;
  readonly offset: number;
  /** Offset of its end; Infinity where the size is unknown. */
  readonly end: number;
}

export interface Foreign {
  readonly offset: number;
  readonly why: string;
  readonly preview: number[];
  bytes: number;
  /** Where the bytes end at the latest: the element around them ends there. */
  readonly end: number;
}

/**
 * Why this can't be an element of Matroska, if it can't.
 * @param bytes those of the header
 * @param end offset of the element's end
 */
export function whyForeign(
  info: ElementInfo | undefined,
  { id, size }: ElementHeader,
  open: readonly OpenMaster[],
  bytes: Uint8Array,
  end: number,
): string | undefined {
  const depth = open.length;
  const parent = open.findLast((one) => one.end !== Infinity);
  const named = info?.name ?? `element 0x${id.toString(16)}`;
  if (depth >= DEPTH_MAX) return `elements stand in each other more than ${DEPTH_MAX} deep`;
  if (depth === 0 && info?.level !== 0 && !isTopLevel(id) && !isGlobal(id)) {
    return `an EBML header is expected here, not ${named}`;
  }
  if (parent && size !== UNKNOWN_SIZE && end > parent.end) {
    return `${named} is larger than ${parent.name} (at ${parent.offset}), in which it stands`;
  }
  if (size === UNKNOWN_SIZE && info?.type !== 'm') return `${named} is of unknown size`;
  if (!info && isText(bytes)) return `${named} is text`;
  const most = info ? LEAF_BYTES_MAX : UNKNOWN_BYTES_MAX;
  return info?.type !== 'm' && size > most ? `${named} claims to have ${size} bytes` : undefined;
}

/** These bytes belong to it, too. */
export function pass(foreign: Foreign, bytes: Uint8Array): void {
  foreign.preview.push(...bytes.subarray(0, PREVIEW_BYTES - foreign.preview.length));
  foreign.bytes += bytes.length;
}

export function inWords({ why, bytes, preview }: Foreign): string {
  return `${why}; ${bytes} bytes passed over: ${printable(Uint8Array.from(preview))}`;
}

/** Shows bytes as text where they are ASCII, in hex otherwise. */
function printable(bytes: Uint8Array): string {
  if (!isText(bytes)) return hex(bytes.subarray(0, PREVIEW_BYTES / 2));
  return JSON.stringify(Buffer.from(bytes).toString('latin1'));
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d);
}
