/**
 * Who fetches which recording: the access logs that S3 itself writes of the recordings' bucket, in a bucket of their own.
 * Nobody whom the deployment gives rights may write or delete there; S3 alone delivers.
 */
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import { S3BucketLoggingA } from '@cdktf/provider-aws/lib/s3-bucket-logging/index.js';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy/index.js';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import type { Config } from '../config/config.ts';
import type { Place } from '../config/place.ts';
import { onlyTls, policyDocument } from '../policies/policies.ts';
import { closedBucket } from './closed-bucket.ts';

const LOG_PREFIX = 'access/';
/** What somebody has deleted, or overwritten, can still be brought back from. */
const NONCURRENT_DAYS = 30;
const UNFINISHED_UPLOAD_DAYS = 2;

export interface AccessLogs {
  readonly bucketArn: string;
  /** All objects in it are logs. */
  readonly objectsArn: string;
}

export function accessLogs(
  scope: Construct,
  config: Config,
  names: Names,
  place: Place,
  recordings: S3Bucket,
): AccessLogs {
  const { bucket, access, versioning } = closedBucket(scope, 'access_logs', {
    bucket: names.accessLogsBucket(place.account),
    forceDestroy: false,
    lifecycle: { preventDestroy: config.protectData },
  });
  // S3 delivers into a bucket encrypted with a key of KMS not at all (S3 user guide, "Enabling server access logging").
  new S3BucketServerSideEncryptionConfigurationA(scope, 'access_logs_encryption', {
    bucket: bucket.id,
    rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
  });
  new S3BucketLifecycleConfiguration(scope, 'access_logs_lifecycle', {
    bucket: bucket.id,
    rule: [
      {
        id: 'logs',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        expiration: [{ days: config.accessLogDays }],
        noncurrentVersionExpiration: [{ noncurrentDays: NONCURRENT_DAYS }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: UNFINISHED_UPLOAD_DAYS }],
      },
    ],
    dependsOn: [versioning],
  });
  const policy = new S3BucketPolicy(scope, 'access_logs_policy', {
    bucket: bucket.id,
    policy: policyDocument([
      delivery(bucket, place, recordings),
      onlyTls(['s3:*'], [bucket.arn, `${bucket.arn}/*`]),
    ]),
    dependsOn: [access],
  });
  new S3BucketLoggingA(scope, 'recordings_logging', {
    bucket: recordings.id,
    targetBucket: bucket.id,
    targetPrefix: LOG_PREFIX,
    // A folder a day of what happened, whenever it was delivered: `calls heard` reads the days that it is asked for.
    targetObjectKeyFormat: { partitionedPrefix: { partitionDateSource: 'EventTime' } },
    dependsOn: [policy],
  });
  return { bucketArn: bucket.arn, objectsArn: `${bucket.arn}/${LOG_PREFIX}*` };
}

/** S3 user guide, "Enabling Amazon S3 server access logging": for this bucket of this account, and for no other. */
function delivery(bucket: S3Bucket, { account }: Place, recordings: S3Bucket) {
  return {
    Sid: 'Delivery',
    Effect: 'Allow',
    Principal: { Service: 'logging.s3.amazonaws.com' },
    Action: ['s3:PutObject'],
    Resource: `${bucket.arn}/${LOG_PREFIX}*`,
    Condition: {
      ArnLike: { 'aws:SourceArn': recordings.arn },
      StringEquals: { 'aws:SourceAccount': account },
    },
  };
}
