import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  NoSuchKey,
  NoSuchUpload,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type ByteRange, ObjectMissing, type ObjectVersion, type StoredObjects } from './stored-objects.ts';

/** The SDK tries a request again, but not a body that breaks off; one that got further may break off once more. */
const BREAKS_MAX = 3;
/** DeleteObjects takes so many keys. */
const DELETE_BATCH = 1_000;

export class S3Objects implements StoredObjects {
  readonly name: string;
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
    this.name = `s3://${bucket}`;
  }

  /** Goes on where a body broke off; only from the same object, should it be replaced meanwhile. */
  async *read(key: string, range?: ByteRange): AsyncIterable<Uint8Array> {
    let at = range?.from ?? 0;
    const to = range?.to ?? Infinity;
    let etag: string | undefined;
    for (let breaks = 0; at < to;) {
      const answer = await this.#get(key, at, to, etag);
      etag = answer.ETag;
      const from = at;
      try {
        for await (const chunk of answer.body) {
          if (!(chunk instanceof Uint8Array)) continue;
          yield chunk;
          at += chunk.length;
        }
        return;
      } catch (error) {
        breaks = at > from ? 1 : breaks + 1;
        if (breaks >= BREAKS_MAX) throw error;
      }
    }
  }

  async *versions(prefix: string): AsyncIterable<ObjectVersion> {
    const versioned = new Set<string>();
    for await (const version of this.#versions(prefix)) {
      versioned.add(version.key);
      yield version;
    }
    // Not every store that speaks S3 lists versions.
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix: prefix });
    for await (const { Contents = [] } of pages) {
      for (const { Key: key, Size } of Contents) {
        if (key !== undefined && !versioned.has(key)) yield { key, bytes: Size ?? 0 };
      }
    }
    yield* this.#uploads(prefix);
  }

  async put(Key: string, Body: Uint8Array, ContentType: string, tagging?: string): Promise<void> {
    const object = { Bucket: this.#bucket, Key, Body, ContentLength: Body.length, ContentType };
    await this.#client.send(new PutObjectCommand({ ...object, Tagging: tagging }));
  }

  async erase(versions: readonly ObjectVersion[]): Promise<void> {
    // Uploads first: one that is completed in between would be a version that no listing has shown.
    for (const { key, uploadId } of versions) if (uploadId !== undefined) await this.#abandon(key, uploadId);
    const stored = versions.filter(({ uploadId }) => uploadId === undefined);
    for (let at = 0; at < stored.length; at += DELETE_BATCH) {
      const Objects = stored.slice(at, at + DELETE_BATCH).map(({ key, versionId }) => ({
        Key: key,
        VersionId: versionId,
      }));
      const { Errors = [] } = await this.#client.send(
        new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
      );
      const [first] = Errors;
      if (first === undefined) continue;
      const why = `${first.Code ?? 'unknown'}: ${first.Message ?? ''}`;
      throw new Error(`${Errors.length} objects could not be erased, ${first.Key ?? 'one'} say (${why})`);
    }
  }

  async *#uploads(prefix: string): AsyncIterable<ObjectVersion> {
    let page: ListMultipartUploadsCommandOutput | undefined;
    do {
      page = await this.#client.send(
        new ListMultipartUploadsCommand({
          Bucket: this.#bucket,
          Prefix: prefix,
          KeyMarker: page?.NextKeyMarker,
          UploadIdMarker: page?.NextUploadIdMarker,
        }),
      );
      for (const { Key: key, UploadId: uploadId } of page.Uploads ?? []) {
        if (key !== undefined && uploadId !== undefined) yield { key, uploadId, bytes: 0 };
      }
    } while (page.IsTruncated === true && page.NextKeyMarker !== undefined);
  }

  /** What has been completed meanwhile is a version, which the next listing shows. */
  async #abandon(Key: string, UploadId: string): Promise<void> {
    try {
      await this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId }));
    } catch (error) {
      if (!(error instanceof NoSuchUpload)) throw error;
    }
  }

  async #get(key: string, from: number, to: number, etag: string | undefined) {
    const whole = from === 0 && to === Infinity;
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ...(!whole && { Range: `bytes=${from}-${to === Infinity ? '' : to - 1}` }),
      IfMatch: etag,
    });
    try {
      const { Body, ETag } = await this.#client.send(command);
      if (Body === undefined) throw new Error(`S3 answered without a body for ${key}`);
      const body: AsyncIterable<unknown> = Body.transformToWebStream();
      return { ETag, body };
    } catch (error) {
      if (error instanceof NoSuchKey) throw new ObjectMissing(this.name, key, error);
      throw error;
    }
  }

  async *#versions(prefix: string): AsyncIterable<ObjectVersion> {
    let page: ListObjectVersionsCommandOutput | undefined;
    do {
      page = await this.#client.send(
        new ListObjectVersionsCommand({
          Bucket: this.#bucket,
          Prefix: prefix,
          KeyMarker: page?.NextKeyMarker,
          VersionIdMarker: page?.NextVersionIdMarker,
        }),
      );
      const markers = page.DeleteMarkers?.map((marker) => ({ ...marker, Size: 0 })) ?? [];
      for (const { Key: key, VersionId: versionId, Size } of [...(page.Versions ?? []), ...markers]) {
        if (key !== undefined) yield { key, bytes: Size ?? 0, ...(versionId !== undefined && { versionId }) };
      }
    } while (page.IsTruncated === true && page.NextKeyMarker !== undefined);
  }
}
