/**
 * Logging, replication and notifications of buckets, which moto is not told of: it takes a bucket's logging only where it has
 * seen the policy that lets S3 deliver (bucket-policies.ts), and gives less back than it was given (of notifications: not that
 * they go to EventBridge).
 */
import type { RequestFate } from '../../standins/proxy.ts';

export interface BucketSettings {
  /** @returns undefined for what isn't about these. */
  answer(operation: string, bucket: string, body: string): RequestFate | undefined;
}

/** What S3 answers for a bucket that has none. */
const NONE: Readonly<Record<string, readonly [statusCode: number, body: string]>> = {
  Logging: [200, '<BucketLoggingStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'],
  NotificationConfiguration: [
    200,
    '<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>',
  ],
  Replication: [
    404,
    '<Error><Code>ReplicationConfigurationNotFoundError</Code><Message>The replication configuration was not found</Message></Error>',
  ],
};
const OPERATION = /^(Put|Get|Delete)Bucket(Logging|NotificationConfiguration|Replication)$/;

export function newBucketSettings(): BucketSettings {
  const settings = new Map<string, string>();
  return {
    answer: (operation, bucket, body) => {
      if (operation === 'DeleteBucket')
        for (const what of Object.keys(NONE)) settings.delete(`${what} ${bucket}`);
      const [, verb, what = ''] = OPERATION.exec(operation) ?? [];
      const none = NONE[what];
      if (verb === undefined || none === undefined) return undefined;
      const key = `${what} ${bucket}`;
      if (verb === 'Get') {
        const kept = settings.get(key);
        return kept === undefined ? reply(...none) : reply(200, kept);
      }
      if (verb === 'Delete') settings.delete(key);
      else settings.set(key, body);
      return reply(verb === 'Delete' ? 204 : 200, '');
    },
  };
}

function reply(statusCode: number, body: string): RequestFate {
  return { kind: 'answer', statusCode, headers: { 'content-type': 'application/xml' }, body };
}
