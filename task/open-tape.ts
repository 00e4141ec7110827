import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { OBJECT_CLIENT } from '../ports/runtime/aws-client-config.ts';
import { S3Tape } from '../ports/tape/s3-tape.ts';
import type { Tape } from '../ports/tape/tape.ts';

/** The tape in S3. In a file of its own, so that S3's client is loaded with it and not before. */
export function s3Tape(client: Pick<S3ClientConfig, 'region' | 'credentials'>, bucket: string): Tape {
  return new S3Tape(new S3Client({ ...OBJECT_CLIENT, ...client }), bucket);
}
