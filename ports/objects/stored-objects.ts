/** The bucket's objects as an operator meets them: read, and erased. Recorder and assembly have ports of their own. */

/** Bytes of an object: from `from`, up to but without `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** One version of an object, the marker that a deletion left, or an upload in parts that nobody has completed. */
export interface ObjectVersion {
  readonly key: string;
  /** Absent where the store keeps no versions. */
  readonly versionId?: string;
  /** The id of an upload: once it is erased it can't be completed any more. */
  readonly uploadId?: string;
  /** 0 for a marker, and for an upload, whose parts aren't counted. */
  readonly bytes: number;
}

export interface StoredObjects {
  /** A name for people: `s3://bucket`, or a folder. */
  readonly name: string;
  /** @throws ObjectMissing, also while the bytes are read. */
  read(key: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Resolves once it is durable; whatever stood there is replaced. */
  put(key: string, bytes: Uint8Array, contentType: string, tagging?: string): Promise<void>;
  /** Every version of every object whose key begins so, markers and unfinished uploads too. */
  versions(prefix: string): AsyncIterable<ObjectVersion>;
  /** Erases them for good. One that isn't there any more is no error. @throws when one could not be erased. */
  erase(versions: readonly ObjectVersion[]): Promise<void>;
}

/** When an object that a record names isn't there (any more). */
export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing';
  readonly key: string;

  constructor(where: string, key: string, cause?: unknown) {
    super(`${where} holds no object ${key}`, { cause });
    this.key = key;
  }
}
