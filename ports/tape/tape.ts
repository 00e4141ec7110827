import type { Recording } from '../../recording/identity.ts';
import type { TapeObjectName } from '../../recording/tape/keys.ts';

/** An object of the tape, as a listing shows it. */
export interface TapeObject extends TapeObjectName {
  readonly key: string;
  readonly bytes: number;
}

/** A run of whole fragments, verbatim. */
export interface Segment {
  readonly first: bigint;
  readonly last: bigint;
  readonly bytes: Uint8Array;
}

/**
 * The tape of a recording: runs of whole fragments, verbatim. Objects are only ever added, each under a name of
 * its own; storing the same run twice does no harm. Only what has been erased is ever removed.
 */
export interface Tape {
  /** Resolves once the segment is durable; it is then in every later listing. Rejects when that isn't known. */
  append(recording: Recording, segment: Segment): Promise<void>;
  /**
   * All objects, in order of `first`. Objects that aren't named as the tape's are passed over.
   * @param from only those whose `first` is this fragment number or a later one; what it costs goes by them alone
   */
  list(recording: Recording, from?: bigint): AsyncIterable<TapeObject>;
  /**
   * @returns the object's bytes, in pieces as they came. They are the caller's, and nobody writes to them.
   * @throws TapeObjectUnreadable when no retry can help; TapeObjectMissing when it isn't there (any more); what passes,
   * however long it has been tried, as it is.
   */
  read(key: string): Promise<readonly Uint8Array[]>;
  /** Removes an object of an erased recording. Once it has resolved no listing shows it; what isn't there is no error. */
  remove(key: string): Promise<void>;
}

/** When a tape object that was listed can't be read, however often one tries: it is gone, archived or forbidden. */
export class TapeObjectUnreadable extends Error {
  override readonly name: string = 'TapeObjectUnreadable';
  readonly key: string;
  /** The object is there, but the caller or the object's key may not be used: where that is so of all, the tape is no less whole. */
  readonly refused: boolean;

  constructor(key: string, why: string, cause?: unknown, refused = false) {
    super(`the tape object ${key} can’t be read: ${why}`, { cause });
    this.key = key;
    this.refused = refused;
  }
}

/** When a tape object that was listed can't be found. */
export class TapeObjectMissing extends TapeObjectUnreadable {
  override readonly name = 'TapeObjectMissing';

  constructor(key: string, cause?: unknown) {
    super(key, 'it is not there any more', cause);
  }
}
