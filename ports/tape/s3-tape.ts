/**
 * The tape in S3: one object a segment, named by {@link tapeKey}.
 *
 * Life of an object: it is put once, whole, under a name that no other `append` uses; it is never changed; the
 * bucket's lifecycle rule expires it. A put whose outcome is unknown may leave an object behind although `append`
 * rejected: a copy of fragments that the next `append` stores again, which does no harm. The SDK's own retries
 * put the same bytes under the same name. What is removed stays for some days as an earlier version, which programs
 * may not delete: that takes an operator's `calls erase`, or the lifecycle rule.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Recording } from '../../recording/identity.ts';
import { tapeKey, tapeKeyBefore, tapePrefix } from '../../recording/tape/keys.ts';
import { seal } from '../../recording/tape/seal.ts';
import { piecesOf } from '../objects/pieces.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { type Segment, type Tape, type TapeObject, TapeObjectMissing, TapeObjectUnreadable } from './tape.ts';
import { tapeObjectAt } from './tape-object.ts';

/** Kinesis Video Streams calls what it delivers by this name: it is Matroska. */
const CONTENT_TYPE = 'video/x-matroska';
/** The SDK tries a request again, but not a body that breaks off. */
const READ_TRIES_MAX = 3;
/** In KMS's name S3 refuses with 400, which the SDK doesn't try again, also where it passes (throttling). */
const KEY_TRIES_MAX = 5;
const FIRST_WAIT_MS = 250;
/** Archived: only somebody who restores it brings it back. */
const UNREADABLE = new Set(['InvalidObjectState']);
/** S3 refuses the caller, or for the state of the object's key, by these codes (S3 API Reference, "Error responses"). */
const REFUSED = new Set([
  'AccessDenied',
  'KMS.AccessDeniedException',
  'KMS.DisabledException',
  'KMS.IncorrectKeyException',
  'KMS.InvalidKeyUsageException',
  'KMS.InvalidStateException',
  'KMS.KMSInvalidStateException',
  'KMS.NotFoundException',
]);

export class S3Tape implements Tape {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #uuid: () => string;
  readonly #clock: Clock;

  constructor(client: S3Client, bucket: string, uuid: () => string = randomUUID, clock: Clock = systemClock) {
    this.#client = client;
    this.#bucket = bucket;
    this.#uuid = uuid;
    this.#clock = clock;
  }

  async append(recording: Recording, { first, last, bytes }: Segment): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: tapeKey(recording, { first, last, uuid: seal(this.#uuid(), bytes) }),
        Body: bytes,
        ContentLength: bytes.length,
        ContentType: CONTENT_TYPE,
      }),
    );
  }

  /** Lists in S3's order, which is that of `first`, since keys are padded. */
  async *list(recording: Recording, from?: bigint): AsyncIterable<TapeObject> {
    const prefix = tapePrefix(recording);
    const StartAfter = from === undefined ? undefined : tapeKeyBefore(recording, from);
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket, Prefix: prefix, StartAfter },
    );
    for await (const { Contents = [] } of pages) {
      for (const { Key, Size } of Contents) {
        const object = Key === undefined ? undefined : tapeObjectAt(prefix, Key, Size ?? 0);
        if (object !== undefined) yield object;
      }
    }
  }

  async read(key: string): Promise<readonly Uint8Array[]> {
    for (let attempt = 1; ; attempt++) {
      const body = await this.#get(key);
      try {
        return await piecesOf(body);
      } catch (error) {
        if (attempt === READ_TRIES_MAX) throw error;
      }
    }
  }

  async remove(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
  }

  async #get(key: string) {
    for (let attempt = 1; ; attempt++) {
      try {
        const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
        if (!(Body instanceof Readable)) throw new Error(`S3 answered without a body for ${key}`);
        return Body;
      } catch (error) {
        if (error instanceof NoSuchKey) throw new TapeObjectMissing(key, error);
        throwRefusal(key, error);
        if (!(error instanceof S3ServiceException && error.name.startsWith('KMS.'))) throw error;
        if (attempt === KEY_TRIES_MAX) throw error;
        await this.#clock.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
      }
    }
  }
}

/**
 * S3 says no to this object, and will again: it is archived, or it or its key is not ours to use. Not so what speaks of
 * the caller alone (credentials that have run out, a bucket that doesn't exist), and what passes: that is no damage.
 */
function throwRefusal(key: string, error: unknown): void {
  if (!(error instanceof S3ServiceException)) return;
  const refused = REFUSED.has(error.name);
  if (refused || UNREADABLE.has(error.name)) throw new TapeObjectUnreadable(key, error.name, error, refused);
}
