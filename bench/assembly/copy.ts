/**
 * What the assembly is measured against: the tape's bytes copied S3 → S3, object after object with some read ahead,
 * into one multipart upload with some parts on their way, through the same SDK client. It understands nothing of them.
 */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

const { BUCKET: Bucket = '', PREFIX: Prefix = '' } = process.env;
const Key = 'copy';
const PART_BYTES = 8 * 1024 * 1024;
const AHEAD = 16;
const UPLOADS = 4;

const client = new S3Client();
const began = performance.now();
const { UploadId } = await client.send(
  new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC32' }),
);
const parts: { PartNumber: number; ETag: string | undefined }[] = [];
const running = new Set<Promise<void>>();

async function upload(PartNumber: number, Body: Uint8Array): Promise<void> {
  const { ETag } = await client.send(
    new UploadPartCommand({
      Bucket,
      Key,
      UploadId,
      PartNumber,
      Body,
      ContentLength: Body.length,
      ChecksumAlgorithm: 'CRC32',
    }),
  );
  parts.push({ PartNumber, ETag });
}

let number = 0;
async function send(body: Uint8Array): Promise<void> {
  const sending = upload((number += 1), body).finally(() => running.delete(sending));
  running.add(sending);
  while (running.size >= UPLOADS) await Promise.race(running);
}

async function get(key: string): Promise<Uint8Array> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

async function* objects(): AsyncGenerator<Uint8Array> {
  const ahead: Promise<Uint8Array>[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    for (const object of Contents) {
      ahead.push(get(object.Key ?? ''));
      const head = ahead.length > AHEAD ? ahead.shift() : undefined;
      if (head) yield await head;
    }
  }
  for (const head of ahead) yield await head;
}

let part = new Uint8Array(PART_BYTES);
let filled = 0;
for await (const bytes of objects()) {
  for (let at = 0; at < bytes.length;) {
    const taken = bytes.subarray(at, at + PART_BYTES - filled);
    part.set(taken, filled);
    filled += taken.length;
    at += taken.length;
    if (filled < PART_BYTES) continue;
    await send(part);
    part = new Uint8Array(PART_BYTES);
    filled = 0;
  }
}
if (filled > 0) await send(part.subarray(0, filled));
await Promise.all(running);
const Parts = parts.toSorted((a, b) => a.PartNumber - b.PartNumber);
await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000 }));
process.exit();
