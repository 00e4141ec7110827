/**
 * Where finished recordings lie. An object appears whole or not at all, and replaces the one before it: assembling
 * again gives the same bytes.
 */
export interface Recordings {
  readonly bucket: string;
  /** A small object at once. */
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** A large one in parts: numbered from 1, in any order, each but the last at least 5 MiB. */
  begin(key: string, contentType: string): Promise<PartedUpload>;
}

/** The object is there once {@link complete} has resolved; after {@link abort} nothing is left of it. */
export interface PartedUpload {
  /** @param bytes may be written to again once it has resolved. */
  part(number: number, bytes: Uint8Array): Promise<void>;
  complete(): Promise<void>;
  abort(): Promise<void>;
}
