/** Writes EBML elements (RFC 8794) one after the other, sizes as wide as they are wanted. */

/** A size field of 1 to 8 bytes. A known size that doesn't fit is written wider. */
export interface SizeField {
  readonly known: boolean;
  readonly bytes: number;
}

const UTF8 = new TextEncoder();

export class MatroskaWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(expectedBytes = 1024) {
    this.#bytes = new Uint8Array(expectedBytes);
  }

  /** What was written, as a copy. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  binary(id: number, payload: Uint8Array, sizeBytes = 1): void {
    this.#id(id);
    this.#size(payload.length, sizeBytes);
    this.#append(payload);
  }

  string(id: number, text: string, sizeBytes = 1): void {
    this.binary(id, UTF8.encode(text), sizeBytes);
  }

  /** An unsigned integer below 2^53. */
  uint(id: number, value: number, valueBytes = 1, sizeBytes = 1): void {
    this.#id(id);
    this.#size(valueBytes, sizeBytes);
    this.#number(value, valueBytes);
  }

  /** An element that holds those which `write` writes. */
  master(id: number, size: SizeField, write: () => void): void {
    this.#id(id);
    const at = this.#length;
    this.#append(unknownSize(size.bytes));
    write();
    if (!size.known) return;
    const payloadBytes = this.#length - at - size.bytes;
    const width = widthFor(payloadBytes, size.bytes);
    this.#reserve(width - size.bytes);
    this.#bytes.copyWithin(at + width, at + size.bytes, this.#length);
    this.#length = at;
    this.#size(payloadBytes, width);
    this.#length += payloadBytes;
  }

  /** A SimpleBlock without lacing. @param timecode relative to the Cluster's, -32,768 to 32,767 */
  simpleBlock(id: number, trackNumber: number, timecode: number, payload: Uint8Array, sizeBytes = 1): void {
    const trackBytes = widthFor(trackNumber, 1);
    this.#id(id);
    this.#size(trackBytes + 3 + payload.length, sizeBytes);
    this.#size(trackNumber, trackBytes);
    this.#number(timecode & 0xffff, 2);
    this.#number(0x80, 1);
    this.#append(payload);
  }

  #id(id: number): void {
    this.#number(id, id > 0xff_ffff ? 4 : id > 0xffff ? 3 : id > 0xff ? 2 : 1);
  }

  #size(value: number, bytes: number): void {
    const width = widthFor(value, bytes);
    const at = this.#length;
    this.#number(value, width);
    this.#bytes[at] = (this.#bytes[at] ?? 0) | (0x100 >> width);
  }

  /** Big-endian. */
  #number(value: number, bytes: number): void {
    this.#reserve(bytes);
    let rest = value;
    for (let at = this.#length + bytes - 1; at >= this.#length; at -= 1) {
      this.#bytes[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#length += bytes;
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#length + more));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Bytes of the variable-size integer for a value: at least `bytes`; all ones would mean "unknown". */
function widthFor(value: number, bytes: number): number {
  let width = bytes;
  while (value >= 2 ** (7 * width) - 1) width += 1;
  return width;
}

/** All ones. */
function unknownSize(bytes: number): Uint8Array {
  const field = new Uint8Array(bytes).fill(0xff);
  field[0] = 0xff >> (bytes - 1);
  return field;
}
