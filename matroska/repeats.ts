/**
 * Statements of the document before. Nearly all that Connect says beside the audio it says in every fragment, in the
 * same place and the same bytes: comparing them is several times as fast as reading them again.
 */
import { readStatement, type Statement } from './statement.ts';

/** Longer ones, and those further back in a document, are read every time: this bounds what is kept. */
const BYTES_MAX = 1024;
const PLACES_MAX = 32;

interface Kept {
  readonly id: number;
  /** The payload is in its first bytes. */
  readonly bytes: DataView;
  readonly length: number;
  readonly statement: Statement;
}

export class Repeats {
  readonly #kept: Kept[] = [];
  #place = 0;
  /** A view of the bytes that were compared last. */
  #view: DataView = new DataView(new ArrayBuffer(0));
  #viewed: Uint8Array | undefined;

  /** A new document begins. */
  rewind(): void {
    this.#place = 0;
  }

  /** Reads the next element. Positions are indices into `bytes`. @throws BadElement */
  read(id: number, bytes: Uint8Array, from: number, to: number): Statement {
    const place = this.#place;
    this.#place += 1;
    const kept = this.#kept[place];
    if (kept?.id === id && kept.length === to - from && this.#isAt(kept, bytes, from)) return kept.statement;
    const statement = readStatement(id, bytes, from, to);
    if (place < PLACES_MAX && to - from <= BYTES_MAX && !statement.fault)
      this.#keep(place, id, bytes.subarray(from, to), statement);
    return statement;
  }

  #keep(place: number, id: number, payload: Uint8Array, statement: Statement): void {
    const bytes = this.#kept[place]?.bytes ?? new DataView(new ArrayBuffer(BYTES_MAX));
    new Uint8Array(bytes.buffer).set(payload);
    this.#kept[place] = { id, bytes, length: payload.length, statement };
  }

  /** Four bytes at a time: a loop over single ones took a tenth of all decoding. */
  #isAt({ bytes: expected, length }: Kept, bytes: Uint8Array, from: number): boolean {
    if (this.#viewed !== bytes) {
      this.#viewed = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    const found = this.#view;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      if (found.getUint32(from + at) !== expected.getUint32(at)) return false;
    }
    for (; at < length; at += 1) {
      if (found.getUint8(from + at) !== expected.getUint8(at)) return false;
    }
    return true;
  }
}
