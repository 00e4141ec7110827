/** What the target that was given stands for, told by its looks alone where no such file is there. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { partsOfStreamArn } from '../../recording/arn.ts';
import { RecordingError } from '../../recording/errors.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { CliError, EXIT } from '../terminal/exit.ts';

export type Target =
  | { readonly kind: 'stdin' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string }
  /** An object, or (a key that is empty or ends with a slash) all below it. */
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string }
  /** A contact's or a recording's id. */
  | { readonly kind: 'call'; readonly id: string }
  | { readonly kind: 'stream'; readonly name: string; readonly arn?: string; readonly region?: string };

const S3_URL = /^s3:\/\/([^/]+)(?:\/(.*))?$/;
const STREAM_NAME = /^[A-Za-z0-9_.-]{1,256}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What nobody calls a stream, and many a file. */
const FILE_NAME = /\.(?:mkv|webm|mka|bin|dump)$/i;

/** @throws CliError when the text can be none of them */
export function targetOf(text: string, cwd: string): Target {
  if (text === '-') return { kind: 'stdin' };
  const [, bucket, key] = S3_URL.exec(text) ?? [];
  if (bucket !== undefined) return { kind: 's3', bucket, key: key ?? '' };
  const stream = partsOfStreamArn(text);
  if (stream !== undefined) return { kind: 'stream', arn: text, ...stream };
  const path = resolve(cwd, text);
  if (existsSync(path)) return { kind: statSync(path).isDirectory() ? 'folder' : 'file', path };
  if (UUID.test(text) || isRecordingId(text)) return { kind: 'call', id: text };
  if (STREAM_NAME.test(text) && !FILE_NAME.test(text)) return { kind: 'stream', name: text };
  throw new CliError(
    EXIT.notFound,
    `there is no file ${text}`,
    'name a file, s3://BUCKET/KEY, a recording’s or a contact’s id, or a video stream (name or ARN)',
  );
}

function isRecordingId(text: string): boolean {
  try {
    parseRecordingId(text);
    return true;
  } catch (error) {
    if (error instanceof RecordingError) return false;
    throw error;
  }
}
