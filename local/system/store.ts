/**
 * What a run leaves, as plain files, and back into stand-ins:
 * - `tables/<table>.json`: all items, as plain JSON
 * - `s3/<bucket>/<key…>`: all objects
 */
import { createWriteStream, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DynamoDBClient, paginateScan, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { CALLS_TABLE, CHECKPOINTS_TABLE, TRANSCRIPTS_TABLE } from '../../contract/tables.ts';
import { fileOf } from '../../ports/objects/folder-files.ts';
import type { Json } from '../standins/json.ts';

/** An item as plain JSON, numbers as numbers. */
export type Item = Readonly<Record<string, Json>>;

export interface Stores {
  readonly dynamoDb: DynamoDBClient;
  readonly s3: S3Client;
}

export async function itemsOf(dynamoDb: DynamoDBClient, table: string): Promise<Item[]> {
  const items: Item[] = [];
  const pages = paginateScan({ client: dynamoDb }, { TableName: table, ConsistentRead: true });
  for await (const { Items = [] } of pages) items.push(...Items.map((item) => unmarshall(item) as Item));
  return items;
}

export interface Dump {
  readonly dir: string;
  readonly tables: readonly string[];
  readonly buckets: readonly string[];
  /** Copies what lies below this prefix and isn't there yet, in place of all objects: such objects never change. */
  readonly onlyNewBelow?: string;
}

/**
 * Writes the tables, and the objects below `s3/`; files that stand there already are replaced. Items that earlier
 * runs have left stay, but for those with the same keys. A checkpoint is never ahead of the tape here either.
 */
export async function dumpStores({ dynamoDb, s3 }: Stores, dump: Dump): Promise<void> {
  const { dir, tables, buckets, onlyNewBelow } = dump;
  await mkdir(join(dir, 'tables'), { recursive: true });
  const read = await Promise.all(
    tables.map(async (table) => [table, await itemsOf(dynamoDb, table)] as const),
  );
  for (const bucket of buckets) {
    for await (const key of keysOf(s3, bucket, onlyNewBelow)) {
      const file = objectFile(dir, bucket, key);
      if (onlyNewBelow === undefined || !existsSync(file)) await download(s3, bucket, key, file);
    }
  }
  for (const [table, items] of read) {
    const file = join(dir, 'tables', `${table}.json`);
    await writeJson(file, [...(await othersIn(file, table, items)), ...items]);
  }
}

/** What is left of earlier runs: items with other keys; none where the file is no such table. */
async function othersIn(file: string, table: string, items: readonly Item[]): Promise<Item[]> {
  const { hashKey, rangeKey } =
    [CALLS_TABLE, CHECKPOINTS_TABLE, TRANSCRIPTS_TABLE].find(({ suffix }) => table.endsWith(suffix)) ??
    CALLS_TABLE;
  const keyOf = (item: Item) => JSON.stringify([item[hashKey], rangeKey && item[rangeKey]]);
  const keys = new Set(items.map(keyOf));
  const text = await readFile(file, 'utf8').catch(() => '[]');
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), itemsInFile), text);
  return parsed.success ? parsed.output.filter((item) => !keys.has(keyOf(item))) : [];
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  await replaceFile(file, (part) => writeFile(part, `${JSON.stringify(value, null, 2)}\n`));
}

/** The file is whole at any time, for whoever reads it meanwhile. */
async function replaceFile(file: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${file}.part`;
  await write(part);
  await rename(part, file);
}

export async function* keysOf(s3: S3Client, bucket: string, prefix = ''): AsyncGenerator<string> {
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix });
  for await (const { Contents = [] } of pages) {
    for (const { Key } of Contents) if (Key !== undefined) yield Key;
  }
}

/** An object's file in DIR. @throws when its key would lead elsewhere. */
export function objectFile(dir: string, bucket: string, key: string): string {
  return fileOf(join(dir, 's3', bucket), key);
}

async function download(s3: S3Client, bucket: string, key: string, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (Body === undefined) throw new Error(`the object ${key} has no body`);
  await replaceFile(file, (part) => pipeline(Body as Readable, createWriteStream(part)));
}

const itemsInFile = v.array(
  v.record(
    v.string(),
    v.custom<Json>((value) => value !== undefined),
  ),
);

/** Reads back what {@link dumpStores} wrote; the tables and buckets must be there. */
export async function loadStores(dir: string, { dynamoDb, s3 }: Stores): Promise<void> {
  const tables = (await namesIn(join(dir, 'tables'))).filter((name) => name.endsWith('.json'));
  for (const name of tables) {
    const file = join(dir, 'tables', name);
    for (const item of v.parse(itemsInFile, JSON.parse(await readFile(file, 'utf8')))) {
      const Item = marshall(item);
      await dynamoDb.send(new PutItemCommand({ TableName: name.slice(0, -'.json'.length), Item }));
    }
  }
  for (const bucket of await namesIn(join(dir, 's3'))) {
    const root = join(dir, 's3', bucket);
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      await upload(s3, bucket, relative(root, file).split(sep).join('/'), file);
    }
  }
}

/** None where there is no such folder. */
async function namesIn(dir: string): Promise<string[]> {
  return existsSync(dir) ? readdir(dir) : [];
}

/** The stand-in takes 11 MiB at once. */
const PART_BYTES = 8 * 1024 * 1024;

async function upload(s3: S3Client, bucket: string, key: string, path: string): Promise<void> {
  const to = { Bucket: bucket, Key: key };
  const file = await open(path);
  try {
    const first = await nextPart(file);
    if (first.length < PART_BYTES) {
      await s3.send(new PutObjectCommand({ ...to, Body: first }));
      return;
    }
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(to));
    const parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (let part = first; part.length > 0; part = await nextPart(file)) {
      const PartNumber = parts.length + 1;
      const { ETag } = await s3.send(new UploadPartCommand({ ...to, UploadId, PartNumber, Body: part }));
      parts.push({ PartNumber, ETag });
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...to, UploadId, MultipartUpload: { Parts: parts } }));
  } finally {
    await file.close();
  }
}

/** Full but for the last one; empty after it. */
async function nextPart(file: FileHandle): Promise<Buffer> {
  const part = Buffer.alloc(PART_BYTES);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(part, length, PART_BYTES - length);
    length += bytesRead;
    if (bytesRead === 0 || length === PART_BYTES) return part.subarray(0, length);
  }
}
