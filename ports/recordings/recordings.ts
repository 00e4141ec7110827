/**
 * Keeps finished recordings. An object appears whole or not at all, and replaces only the one that its writer
 * knows of: what somebody else has written in between stands.
 */
export interface Recordings {
  readonly bucket: string;
  /** Tells the object that stands there from any other; undefined when there is none. */
  standing(key: string): Promise<string | undefined>;
  /** A small object; undefined when there is none, or it is larger than `bytesMax`. */
  read(key: string, bytesMax: number): Promise<Uint8Array | undefined>;
  /**
   * A small object at once, in place of `over` (as of {@link standing}).
   * @param tagging of the object, as a query. @throws ObjectReplaced
   */
  put(
    key: string,
    bytes: Uint8Array,
    contentType: string,
    over: string | undefined,
    tagging?: string,
  ): Promise<void>;
  /** A large one in parts: numbered from 1, in any order, each but the last at least 5 MiB. */
  begin(key: string, contentType: string): Promise<PartedUpload>;
  /** Removes an object of a recording that has been erased. What isn't there is no error. */
  remove(key: string): Promise<void>;
}

/** The object is there once {@link complete} has resolved; after {@link abort} nothing is left of it. */
export interface PartedUpload {
  part(number: number, bytes: Uint8Array): Promise<void>;
  /**
   * Puts it in place of `over`.
   * @throws ObjectReplaced: it may be tried again, over what stands there then; UploadGone: that would be in vain
   */
  complete(over: string | undefined): Promise<void>;
  abort(): Promise<void>;
}

/** When a write at the same time has cost an upload its parts: it has to be begun anew. */
export class UploadGone extends Error {
  override readonly name = 'UploadGone';

  constructor(key: string, options?: ErrorOptions) {
    super(`somebody else wrote ${key} just as it was to be completed: it has to be uploaded anew`, options);
  }
}

/** When another object stands there than the one to be replaced: somebody wrote, or it was one's own lost answer. */
export class ObjectReplaced extends Error {
  override readonly name = 'ObjectReplaced';

  constructor(key: string, options?: ErrorOptions) {
    super(`${key} is not what it was when it was looked at; it is left as it is`, options);
  }
}
