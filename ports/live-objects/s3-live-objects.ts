import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { LiveObject, LiveObjects } from './live-objects.ts';

/** Without the right to list, S3 says 403 of a key that isn't there; whoever goes on from nowhere begins anew. */
const NOT_THERE = new Set([403, 404]);

export class S3LiveObjects implements LiveObjects {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(key: string, { bytes, contentType, metadata }: LiveObject): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        Body: bytes,
        ContentLength: bytes.length,
        ContentType: contentType,
        ...(metadata && { Metadata: { ...metadata } }),
      }),
    );
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof S3ServiceException && NOT_THERE.has(error.$metadata.httpStatusCode ?? 0))
        return undefined;
      throw error;
    }
  }
}
