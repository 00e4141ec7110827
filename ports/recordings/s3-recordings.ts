/**
 * Recordings in S3, written with conditions: over the ETag that stood there, or where nothing stood.
 */
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { piecesOf } from '../objects/pieces.ts';
import { ObjectReplaced, type PartedUpload, type Recordings, UploadGone } from './recordings.ts';

/** `CompleteMultipartUpload` may answer 200 with an error inside; the SDK throws it, and it may be tried again. */
const COMPLETE_TRIES_MAX = 3;
/** Without the right to list, S3 says 403 of a key that isn't there; a write where nothing stands finds that out. */
const NOT_THERE = new Set([403, 404]);
/** Another write at the same time. An upload of parts doesn't outlast it: it has to be begun anew (CompleteMultipartUpload, If-Match). */
const CONFLICT = 'ConditionalRequestConflict';
/** Another object; another write at the same time; none any more. */
const REFUSALS = new Set(['PreconditionFailed', CONFLICT, 'NoSuchKey']);

export class S3Recordings implements Recordings {
  readonly bucket: string;
  readonly #client: S3Client;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.bucket = bucket;
  }

  async standing(key: string): Promise<string | undefined> {
    try {
      const { ETag } = await this.#client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }));
      return ETag;
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  }

  async read(key: string, bytesMax: number): Promise<Uint8Array | undefined> {
    try {
      const { Body, ContentLength = 0 } = await this.#client.send(
        new GetObjectCommand({ Bucket: this.bucket, Key: key }),
      );
      if (!(Body instanceof Readable)) throw new Error(`S3 answered without a body for ${key}`);
      if (ContentLength <= bytesMax) return Buffer.concat(await piecesOf(Body));
      Body.destroy();
      return undefined;
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  }

  async put(
    key: string,
    bytes: Uint8Array,
    contentType: string,
    over: string | undefined,
    tagging?: string,
  ): Promise<void> {
    const object = {
      Bucket: this.bucket,
      Key: key,
      Body: bytes,
      ContentType: contentType,
      Tagging: tagging,
    };
    try {
      await this.#client.send(new PutObjectCommand({ ...object, ...inPlaceOf(over) }));
    } catch (error) {
      throw isRefusal(error) ? new ObjectReplaced(key, { cause: error }) : error;
    }
  }

  async begin(key: string, contentType: string): Promise<PartedUpload> {
    const target = { Bucket: this.bucket, Key: key };
    const { UploadId } = await this.#client.send(
      new CreateMultipartUploadCommand({ ...target, ContentType: contentType, ChecksumAlgorithm: 'CRC32' }),
    );
    if (UploadId === undefined) throw new Error(`S3 began an upload of ${key} without an id`);
    return new S3Upload(this.#client, { ...target, UploadId });
  }

  async remove(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
  }
}

interface UploadTarget {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

interface FinishedPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
  readonly ChecksumCRC32: string | undefined;
}

class S3Upload implements PartedUpload {
  readonly #client: S3Client;
  readonly #target: UploadTarget;
  readonly #parts: FinishedPart[] = [];

  constructor(client: S3Client, target: UploadTarget) {
    this.#client = client;
    this.#target = target;
  }

  async part(number: number, bytes: Uint8Array): Promise<void> {
    const { ETag, ChecksumCRC32 } = await this.#client.send(
      new UploadPartCommand({
        ...this.#target,
        PartNumber: number,
        Body: bytes,
        ContentLength: bytes.length,
        ChecksumAlgorithm: 'CRC32',
      }),
    );
    this.#parts.push({ PartNumber: number, ETag, ChecksumCRC32 });
  }

  async complete(over: string | undefined): Promise<void> {
    const Parts = this.#parts.toSorted((a, b) => a.PartNumber - b.PartNumber);
    const request = { ...this.#target, MultipartUpload: { Parts }, ...inPlaceOf(over) };
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#client.send(new CompleteMultipartUploadCommand(request));
        return;
      } catch (error) {
        if (isConflict(error)) throw new UploadGone(this.#target.Key, { cause: error });
        if (isRefusal(error)) throw new ObjectReplaced(this.#target.Key, { cause: error });
        if (attempt === COMPLETE_TRIES_MAX) throw error;
      }
    }
  }

  async abort(): Promise<void> {
    await this.#client.send(new AbortMultipartUploadCommand(this.#target));
  }
}

function inPlaceOf(over: string | undefined) {
  return over === undefined ? { IfNoneMatch: '*' } : { IfMatch: over };
}

function isNotThere(error: unknown): boolean {
  return error instanceof S3ServiceException && NOT_THERE.has(error.$metadata.httpStatusCode ?? 0);
}

function isConflict(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === CONFLICT;
}

function isRefusal(error: unknown): boolean {
  return error instanceof S3ServiceException && REFUSALS.has(error.name);
}
