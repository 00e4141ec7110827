/** Small objects that a listener keeps of a recording: pieces of its audio, and where it goes on. They expire in a day. */

export interface LiveObject {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** S3's user metadata: ASCII, 2 KB in all. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface LiveObjects {
  /** Resolves once it is durable; whatever stood there is replaced. */
  put(key: string, object: LiveObject): Promise<void>;
  /** @returns undefined where nothing stands there */
  get(key: string): Promise<Uint8Array | undefined>;
}
