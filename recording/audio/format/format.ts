/**
 * What a recording's file format is: how samples become bytes, in fixed memory, whatever the length. Pure: the same
 * samples give the same bytes.
 */

/** What a file says of its samples; they are always interleaved S16LE. */
export interface SampleFacts {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
}

export interface FileFormat {
  /** The name in the call record. */
  readonly name: string;
  /** The name for people. */
  readonly title: string;
  /** The end of the file's name, without the dot. */
  readonly extension: string;
  readonly contentType: string;
  /** The header stands first and is made last: it takes no more room than this. 0 where there is none. */
  readonly headerBytesMax: number;
  /** What must be known before the header can be made: how many frames follow, or all that stands behind it. */
  readonly headerNeeds: 'length' | 'content';
  encoder(facts: SampleFacts): Encoder;
}

/** Encodes one file. What it yields is valid until the next piece is taken. */
export interface Encoder {
  /** Takes samples, which may end anywhere. @returns what is settled by them, of all that stands behind the header */
  encode(samples: Uint8Array): Iterable<Uint8Array>;
  /** No more samples come. @returns the rest */
  finish(): Iterable<Uint8Array>;
  /**
   * What stands before everything else. Where it needs the content, not before {@link finish} has been gone through.
   * @param frames how many have been taken, or will be
   */
  header(frames: number): Uint8Array;
}
