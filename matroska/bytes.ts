/** Reading EBML's primitives (RFC 8794) out of a buffer. Positions are indices into it. */

/** A size whose value bits are all ones: unknown. */
export const UNKNOWN_SIZE = -1;

/** An element's header is no longer: an id of up to 4 bytes and a size of up to 8. */
export const HEADER_BYTES_MAX = 12;

/** Bytes that can't be what they should. */
export class BadElement extends Error {
  override readonly name = 'BadElement';
  /** Index of the element at fault, or of its value. */
  readonly at: number;

  constructor(what: string, at: number) {
    super(what);
    this.at = at;
  }
}

export interface ElementHeader {
  id: number;
  /** Payload bytes, or {@link UNKNOWN_SIZE}. */
  size: number;
  /** The place where the payload begins. */
  payload: number;
}

/**
 * Reads an element's id and size at `at` into `header`, which is reused so that a call of hours makes no garbage.
 * @returns false when bytes up to `end` don't hold the whole header.
 * @throws BadElement when no element can begin like this.
 */
export function readHeader(bytes: Uint8Array, at: number, end: number, header: ElementHeader): boolean {
  if (at >= end) return false;
  const first = byteAt(bytes, at);
  const idLength = vintLength(first);
  if (idLength > 4) throw new BadElement('no element id begins like this; is this a GetMedia body?', at);
  const sizeAt = at + idLength;
  if (sizeAt >= end) return false;
  const sizeLength = vintLength(byteAt(bytes, sizeAt));
  if (sizeLength > 8) throw new BadElement('an element size has no length marker', sizeAt);
  if (sizeAt + sizeLength > end) return false;
  header.id = idLength === 1 ? first : readUint(bytes, at, sizeAt);
  header.size = readVint(bytes, sizeAt, sizeLength);
  header.payload = sizeAt + sizeLength;
  return true;
}

/** Bytes of the variable-size integer that begins with this byte: 1 to 8, or 9 for none. */
export function vintLength(first: number): number {
  return Math.clz32(first) - 23;
}

/** The value of a variable-size integer; {@link UNKNOWN_SIZE} if all its bits are ones, Infinity beyond 2^53. */
export function readVint(bytes: Uint8Array, at: number, length: number): number {
  const mask = (1 << (8 - length)) - 1;
  const first = byteAt(bytes, at) & mask;
  let value = first;
  let allOnes = first === mask;
  for (let index = 1; index < length; index += 1) {
    const byte = byteAt(bytes, at + index);
    value = value * 256 + byte;
    allOnes &&= byte === 0xff;
  }
  if (allOnes) return UNKNOWN_SIZE;
  return value <= Number.MAX_SAFE_INTEGER ? value : Infinity;
}

/** An unsigned integer of any length. Infinity beyond 2^53. */
export function readUint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let index = at; index < end; index += 1) value = value * 256 + byteAt(bytes, index);
  return value <= Number.MAX_SAFE_INTEGER ? value : Infinity;
}

export function readInt16(bytes: Uint8Array, at: number): number {
  return (((byteAt(bytes, at) << 8) | byteAt(bytes, at + 1)) << 16) >> 16;
}

/** A floating-point number of 4 or 8 bytes (RFC 8794, section 7.3). @returns undefined for any other length */
export function readFloat(bytes: Uint8Array, at: number, end: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, end - at);
  if (view.byteLength === 4) return view.getFloat32(0);
  return view.byteLength === 8 ? view.getFloat64(0) : undefined;
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A string; it may be padded with zero bytes (RFC 8794, section 7.4). */
export function readString(bytes: Uint8Array, at: number, end: number): string {
  let zero = at;
  while (zero < end && byteAt(bytes, zero) !== 0) zero += 1;
  return UTF8.decode(bytes.subarray(at, zero));
}

/** Only ever called within bounds that were checked before; beyond them it reads as 0. */
function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/**
 * Reads the header of a master's child that must be wholly there, into `header`.
 * @returns where the child ends. @throws BadElement when sizes don't fit.
 */
export function readChild(bytes: Uint8Array, at: number, to: number, header: ElementHeader): number {
  if (!readHeader(bytes, at, to, header))
    throw new BadElement('an element ends within the header of its child', at);
  const end = header.payload + header.size;
  if (header.size === UNKNOWN_SIZE || end > to)
    throw new BadElement('an element is larger than its parent', at);
  return end;
}

export function newHeader(): ElementHeader {
  return { id: 0, size: 0, payload: 0 };
}
