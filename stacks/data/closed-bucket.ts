/** A bucket that nobody but its account can be let into, with versions. Its encryption and policy are its user's. */
import { S3Bucket, type S3BucketConfig } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls/index.js';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js';
import type { Construct } from 'constructs';

export interface ClosedBucket {
  readonly bucket: S3Bucket;
  /** What must be there before a policy. */
  readonly access: S3BucketPublicAccessBlock;
  /** What must be on before a rule of versions. */
  readonly versioning: S3BucketVersioningA;
}

export function closedBucket(scope: Construct, id: string, config: S3BucketConfig): ClosedBucket {
  const bucket = new S3Bucket(scope, id, config);
  const access = new S3BucketPublicAccessBlock(scope, `${id}_access`, {
    bucket: bucket.id,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new S3BucketOwnershipControls(scope, `${id}_ownership`, {
    bucket: bucket.id,
    rule: { objectOwnership: 'BucketOwnerEnforced' },
  });
  const versioning = new S3BucketVersioningA(scope, `${id}_versioning`, {
    bucket: bucket.id,
    versioningConfiguration: { status: 'Enabled' },
  });
  return { bucket, access, versioning };
}
