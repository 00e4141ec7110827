/**
 * Policies of buckets, which moto is not told of: it takes a Deny for absolute, without its conditions, and so would
 * refuse everything that comes by plain HTTP, as everything does on loopback.
 */
import type { RequestFate } from '../../standins/proxy.ts';

export interface BucketPolicies {
  /** @returns undefined for what isn't about a bucket's policy. */
  answer(operation: string, bucket: string, body: string): RequestFate | undefined;
}

export function newBucketPolicies(): BucketPolicies {
  const policies = new Map<string, string>();
  return {
    answer: (operation, bucket, body) => {
      switch (operation) {
        case 'PutBucketPolicy':
          policies.set(bucket, body);
          return reply(204, '');
        case 'DeleteBucketPolicy':
          policies.delete(bucket);
          return reply(204, '');
        case 'GetBucketPolicy': {
          const policy = policies.get(bucket);
          return policy === undefined ? reply(404, NONE, 'application/xml') : reply(200, policy);
        }
        default:
          // A bucket made anew has none of the policies of one that had its name.
          if (operation === 'DeleteBucket') policies.delete(bucket);
          return undefined;
      }
    },
  };
}

const NONE =
  '<Error><Code>NoSuchBucketPolicy</Code><Message>The bucket policy does not exist</Message></Error>';

function reply(statusCode: number, body: string, type = 'application/json'): RequestFate {
  return { kind: 'answer', statusCode, headers: { 'content-type': type }, body };
}
