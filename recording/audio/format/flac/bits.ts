/** Bits into bytes, the highest first, as FLAC has them. */

export class BitWriter {
  readonly #bytes: Uint8Array;
  #length = 0;
  /** Fewer than eight bits that make no byte yet. */
  #held = 0;
  #heldBits = 0;

  /** @param bytesMax what is written until {@link clear} must fit */
  constructor(bytesMax: number) {
    this.#bytes = new Uint8Array(bytesMax);
  }

  /** What has been written, without bits that make no byte; valid until {@link clear}. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    this.#held = 0;
    this.#heldBits = 0;
  }

  /** @param count at most 24. @param value its lowest `count` bits count */
  write(value: number, count: number): void {
    let bits = this.#heldBits + count;
    const held = (this.#held << count) | (value & ((1 << count) - 1));
    while (bits >= 8) {
      bits -= 8;
      this.#bytes[this.#length++] = held >>> bits;
    }
    this.#held = held & 0xff;
    this.#heldBits = bits;
  }

  /** Noughts, as many as it says, and a one. */
  writeUnary(noughts: number): void {
    let left = noughts;
    for (; left >= 16; left -= 16) this.write(0, 16);
    this.write(1, left + 1);
  }

  /** Fills the byte with noughts. */
  pad(): void {
    if (this.#heldBits > 0) this.write(0, 8 - this.#heldBits);
  }
}
