import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { PartedUpload, Recordings } from './recordings.ts';

/** `CompleteMultipartUpload` may answer 200 with an error inside; the SDK throws it, and it may be tried again. */
const COMPLETE_TRIES_MAX = 3;

export class S3Recordings implements Recordings {
  readonly bucket: string;
  readonly #client: S3Client;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.bucket = bucket;
  }

  async put(key: string, bytes: Uint8Array, contentType: string): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: bytes, ContentType: contentType }),
    );
  }

  async begin(key: string, contentType: string): Promise<PartedUpload> {
    const target = { Bucket: this.bucket, Key: key };
    const { UploadId } = await this.#client.send(
      new CreateMultipartUploadCommand({ ...target, ContentType: contentType, ChecksumAlgorithm: 'CRC32' }),
    );
    if (UploadId === undefined) throw new Error(`S3 began an upload of ${key} without an id`);
    return new S3Upload(this.#client, { ...target, UploadId });
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

  async complete(): Promise<void> {
    const Parts = this.#parts.toSorted((a, b) => a.PartNumber - b.PartNumber);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#client.send(
          new CompleteMultipartUploadCommand({ ...this.#target, MultipartUpload: { Parts } }),
        );
        return;
      } catch (error) {
        if (attempt === COMPLETE_TRIES_MAX) throw error;
      }
    }
  }

  async abort(): Promise<void> {
    await this.#client.send(new AbortMultipartUploadCommand(this.#target));
  }
}
