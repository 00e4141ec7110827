/**
 * When bytes are not the Matroska that Kinesis Video Streams writes: a broken structure, or a size beyond every
 * sane limit. "More bytes are needed" is never an error.
 */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
  /** Byte offset in the body, from 0, of the element at fault or of its value. */
  readonly offset: number;
  /** The fragment it happened in, where its number had been read already. */
  readonly fragmentNumber: bigint | undefined;

  constructor(what: string, offset: number, fragmentNumber?: bigint) {
    super(`malformed Matroska at byte ${offset}: ${what}`);
    this.offset = offset;
    this.fragmentNumber = fragmentNumber;
  }
}
