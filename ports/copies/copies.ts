/** Copies of a bucket's objects in other buckets, which S3 makes by itself. */
import type { StoredObjects } from '../objects/stored-objects.ts';

/** How far S3 is with an object's current version; `none`: it copies none of it, or there is no such object. */
export type CopyState = 'copied' | 'pending' | 'failed' | 'none';

export interface Copies {
  /** Where they are; empty: nothing is copied; undefined: whoever asks isn't told. */
  buckets(): Promise<readonly StoredObjects[] | undefined>;
  /** How far an object of the bucket itself has been copied. */
  stateOf(key: string): Promise<CopyState>;
}
