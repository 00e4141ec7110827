/**
 * The bytes of a body as they came: a position in them, and what stands there in one piece.
 *
 * They are not copied, but for two things: what lies across two chunks is put together when it is asked for, and small
 * chunks are gathered, so that a body that comes byte by byte costs no object for each. No byte is ever written to
 * again, so that views of them stay valid for as long as they are held.
 */

/** A smaller chunk costs less to copy than the element that its end cuts in two. */
export const GATHERED_BELOW_BYTES = 4 * 1024;
const SLAB_BYTES = 64 * 1024;

const NOTHING = new Uint8Array(0);

interface Stretch {
  /** Offset in the body of its first byte. */
  readonly offset: number;
  bytes: Uint8Array;
}

export class ByteQueue {
  /** What stands at the position, from index {@link at} up to {@link end}; more may have come. */
  bytes: Uint8Array = NOTHING;
  at = 0;
  end = 0;
  /** Offset in the body of `bytes[0]`. */
  #bytesOffset = 0;
  #stretches: Stretch[] = [];
  #received = 0;
  readonly #gathered = new Slab();
  /** Apart, so that what is gathered stays in one piece. */
  readonly #joined = new Slab();
  readonly #gatheredBelowBytes: number;

  /** @param gatheredBelowBytes smaller chunks are copied */
  constructor(gatheredBelowBytes = GATHERED_BELOW_BYTES) {
    this.#gatheredBelowBytes = gatheredBelowBytes;
  }

  /** The place in the body that reading has come to. */
  get offset(): number {
    return this.#bytesOffset + this.at;
  }

  /** Bytes that have come so far. */
  get received(): number {
    return this.#received;
  }

  /** Bytes that have come from the position on. */
  get available(): number {
    return this.#received - this.offset;
  }

  /** Offset in the body of an index into {@link bytes}. */
  offsetOf(index: number): number {
    return this.#bytesOffset + index;
  }

  /** Adds the next bytes of the body. They must not be written to any more. */
  push(chunk: Uint8Array): void {
    if (chunk.length < this.#gatheredBelowBytes) this.#gather(chunk);
    // A plain view, since views of a Buffer take longer to make.
    else if (chunk.length > 0) this.#append(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#received += chunk.length;
  }

  /**
   * Puts `length` bytes at the position in one piece: indices from {@link at} on, which may be others than before.
   * @returns false when they have not all come.
   */
  reach(length: number): boolean {
    if (this.at + length <= this.end) return true;
    const { offset } = this;
    if (offset + length > this.#received) return false;
    const stretch = this.#stretches.findLast((one) => one.offset <= offset);
    if (stretch && offset + length <= stretch.offset + stretch.bytes.length) {
      this.#look(stretch.bytes, stretch.offset, offset);
    } else {
      const joined = this.#joined.take(length);
      this.#copy(offset, joined);
      this.#look(joined, offset, offset);
    }
    return true;
  }

  /** The bytes between two offsets, in pieces as they came. */
  slice(from: number, to: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (const { offset, bytes } of this.#stretches) {
      const end = offset + bytes.length;
      if (end > from && offset < to)
        pieces.push(bytes.subarray(Math.max(0, from - offset), Math.min(end, to) - offset));
    }
    return pieces;
  }

  /** Gives up the bytes before an offset. The position must not be before it. */
  forget(before: number): void {
    const kept = this.#stretches.findIndex(({ offset, bytes }) => offset + bytes.length > before);
    this.#stretches.splice(0, kept < 0 ? this.#stretches.length : kept);
  }

  /**
   * Passes over what stands before the next place at or behind an offset where these bytes stand, and gives it up.
   * @returns false when there is none yet: then all is passed over but the last few bytes, which may be its beginning
   */
  seek(from: number, wanted: Uint8Array): boolean {
    const { offset } = this;
    this.reach(this.available);
    const rest = Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    const found = rest.indexOf(wanted, this.at + Math.max(0, from - offset));
    const earliest = Math.max(this.at + Math.max(0, from - offset), this.end - wanted.length + 1);
    this.at = found < 0 ? Math.min(earliest, this.end) : found;
    this.forget(this.offset);
    return found >= 0;
  }

  /** Passes over all that has come. */
  skipAll(): void {
    this.#stretches = [];
    this.#look(NOTHING, this.#received, this.#received);
  }

  /** Fills `into` with the bytes from an offset on. */
  #copy(from: number, into: Uint8Array): void {
    let at = 0;
    for (const piece of this.slice(from, from + into.length)) {
      into.set(piece, at);
      at += piece.length;
    }
  }

  #look(bytes: Uint8Array, bytesOffset: number, offset: number): void {
    this.bytes = bytes;
    this.#bytesOffset = bytesOffset;
    this.at = offset - bytesOffset;
    this.end = bytes.length;
  }

  #gather(chunk: Uint8Array): void {
    const last = this.#stretches.at(-1);
    const longer = last && this.#gathered.extend(last.bytes, chunk);
    if (longer) last.bytes = longer;
    else if (chunk.length > 0) {
      const bytes = this.#gathered.take(chunk.length);
      bytes.set(chunk);
      this.#append(bytes);
    }
  }

  #append(bytes: Uint8Array): void {
    this.#stretches.push({ offset: this.#received, bytes });
  }
}

/** Memory for small things, so that each doesn't need an allocation of its own. */
class Slab {
  #bytes = NOTHING;
  #used = 0;

  /** Bytes that nobody has had before. */
  take(length: number): Uint8Array {
    if (this.#used + length > this.#bytes.length) {
      if (length > SLAB_BYTES / 4) return new Uint8Array(length);
      this.#bytes = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    this.#used += length;
    return this.#bytes.subarray(this.#used - length, this.#used);
  }

  /** What was taken last, and `more`, in one piece: where it was taken here, and there is room behind it. */
  extend(last: Uint8Array, more: Uint8Array): Uint8Array | undefined {
    if (last.buffer !== this.#bytes.buffer || this.#used + more.length > this.#bytes.length) return undefined;
    this.#bytes.set(more, this.#used);
    this.#used += more.length;
    return this.#bytes.subarray(last.byteOffset, this.#used);
  }
}
