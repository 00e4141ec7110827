/** What lies in a system's bucket. */
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { System } from '../../local/system/system.ts';
import type { LiveObject } from '../../ports/live-objects/live-objects.ts';

type Bucket = Pick<System, 's3' | 'bucket'>;

export async function keysBelow({ s3, bucket }: Bucket, prefix: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.flatMap(({ Key }) => Key ?? []);
}

export async function objectAt({ s3, bucket }: Bucket, key: string): Promise<LiveObject> {
  const {
    Body,
    ContentType = '',
    Metadata,
  } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  return { bytes, contentType: ContentType, ...(Metadata && { metadata: Metadata }) };
}

export async function objectsBelow(bucket: Bucket, prefix: string): Promise<Map<string, LiveObject>> {
  const objects = new Map<string, LiveObject>();
  for (const key of await keysBelow(bucket, prefix)) objects.set(key, await objectAt(bucket, key));
  return objects;
}
