/** The part of `ebml` 3.0.0 that the tests use; the package has no types. */
declare module 'ebml' {
  import type { Transform } from 'node:stream';

  interface EbmlTag {
    readonly name: string;
    readonly data: Buffer;
    /** A number, or hex digits above 6 bytes; a block's relative time. */
    readonly value: number | string | undefined;
    /** The number of a block's track. */
    readonly track: number;
    readonly payload: Buffer | null;
  }

  type EbmlEvent = readonly ['start' | 'tag' | 'end', EbmlTag];

  const Decoder: new () => Transform;
  export { Decoder, type EbmlEvent, type EbmlTag };
}
