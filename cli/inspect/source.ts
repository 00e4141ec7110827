/** The bytes come from files, a tape, objects in S3, or a live stream. */
import { createReadStream, existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { OBJECT_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import { parseFragmentNumber } from '../../recording/fragment-number.ts';
import type { Deployment, LocalRun } from '../access/deployment.ts';
import { openAccess } from '../access/open.ts';
import { placeOf } from '../access/place.ts';
import { callsOf } from '../selection/identify.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import type { Target } from './target.ts';

/** A file, an object of the tape, a session of a stream. */
export interface Part {
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

const CHUNK_BYTES = 256 * 1024;

export type StoredTarget = Exclude<Target, { kind: 'stream' }>;

/** Gives the parts in the order in which they are to be read. @throws CliError when there is nothing of the kind, also while they are read */
export function storedParts(target: StoredTarget, deployment: Deployment, io: Io): AsyncIterable<Part> {
  switch (target.kind) {
    case 'stdin':
      return only({ name: 'standard input', chunks: io.stdin });
    case 'file':
      return only(filePart(target.path));
    case 'folder':
      return folderParts(target.path);
    case 's3':
      return isInLocalRun(target.bucket, deployment)
        ? localParts(target.bucket, target.key, deployment)
        : s3Parts(target.bucket, target.key, deployment);
    case 'call':
      return tapeParts(deployment, target.id);
  }
}

async function* only(part: Part): AsyncGenerator<Part> {
  yield await Promise.resolve(part);
}

function filePart(path: string): Part {
  return { name: basename(path), chunks: createReadStream(path, { highWaterMark: CHUNK_BYTES }) };
}

/** With all folders in it, as below a prefix of S3. Tape objects are named so that this is their order. */
async function* folderParts(path: string): AsyncGenerator<Part> {
  const names = (await readdir(path, { recursive: true })).filter((name) => name.endsWith('.mkv')).sort();
  if (names.length === 0) throw new CliError(EXIT.notFound, `there is no .mkv in the folder ${path}`);
  for (const name of names) yield filePart(join(path, name));
}

/** A local run that was chosen for want of anything else has but its own bucket. */
function isInLocalRun(bucket: string, deployment: Deployment): deployment is LocalRun {
  return (
    deployment.kind === 'local' &&
    (!deployment.byDefault || existsSync(join(deployment.dir, OBJECTS_FOLDER, bucket)))
  );
}

/** A local run leaves objects as files. */
async function* localParts(bucket: string, key: string, { dir }: LocalRun): AsyncGenerator<Part> {
  const path = join(dir, OBJECTS_FOLDER, bucket, key);
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined)
    throw new CliError(EXIT.notFound, `there is no s3://${bucket}/${key} in the local run in ${dir}`);
  if (stats.isDirectory()) yield* folderParts(path);
  else yield filePart(path);
}

const OBJECTS_FOLDER = 's3';

async function* s3Parts(bucket: string, key: string, deployment: Deployment): AsyncGenerator<Part> {
  const [{ S3Client, paginateListObjectsV2 }, { S3Objects }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('../../ports/objects/s3-objects.ts'),
  ]);
  const client = new S3Client({ ...OBJECT_CLIENT, ...placeOf(deployment) });
  try {
    const objects = new S3Objects(client, bucket);
    if (key !== '' && !key.endsWith('/')) {
      yield { name: `s3://${bucket}/${key}`, chunks: objects.read(key) };
      return;
    }
    let found = 0;
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client },
      { Bucket: bucket, Prefix: key },
    )) {
      for (const { Key } of Contents) {
        if (Key?.endsWith('.mkv') !== true) continue;
        found += 1;
        yield { name: `s3://${bucket}/${Key}`, chunks: objects.read(Key) };
      }
    }
    if (found === 0) throw new CliError(EXIT.notFound, `there is no .mkv below s3://${bucket}/${key}`);
  } finally {
    client.destroy();
  }
}

/** The tape of a recording, or of all of a contact's. */
async function* tapeParts(deployment: Deployment, id: string): AsyncGenerator<Part> {
  const access = await openAccess(deployment);
  try {
    for (const call of await callsOf(access, id)) {
      const tape = access.tapeOf(call);
      for await (const { key } of tape.list(recordingOf(call))) {
        yield { name: key, chunks: chunksOf(() => tape.read(key)) };
      }
    }
  } finally {
    access.close();
  }
}

function recordingOf({ contactId, startFragmentNumber }: CallRecord) {
  return { contactId, startFragmentNumber: parseFragmentNumber(startFragmentNumber) };
}

async function* chunksOf(read: () => Promise<readonly Uint8Array[]>): AsyncGenerator<Uint8Array> {
  yield* await read();
}
