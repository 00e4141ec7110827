/** What is kept: the bucket with tape and recordings, and the tables. They outlive the rest of the stack. */
import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table/index.js';
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import { S3BucketNotification } from '@cdktf/provider-aws/lib/s3-bucket-notification/index.js';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy/index.js';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import type { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import {
  CALLS_TABLE,
  CHECKPOINTS_TABLE,
  keyAttributes,
  type TableSchema,
  TRANSCRIPTS_TABLE,
} from '../../contract/tables.ts';
import { RECORDINGS_PREFIX } from '../../recording/audio/files/keys.ts';
import { TAPE_PREFIX } from '../../recording/tape/keys.ts';
import { LIVE_PREFIX } from '../../recording/tape/live-keys.ts';
import { TRANSCRIPT_TAG } from '../../recording/transcript/files.ts';
import type { Config } from '../config/config.ts';
import type { Place } from '../config/place.ts';
import { onlyTls, policyDocument } from '../policies/policies.ts';
import { closedBucket } from './closed-bucket.ts';

export interface Storage {
  readonly bucket: S3Bucket;
  readonly bucketVersioning: S3BucketVersioningA;
  readonly checkpointsTable: DynamodbTable;
  readonly callsTable: DynamodbTable;
  /** Always there, so that nothing that was said goes when nobody writes it down any more. */
  readonly transcriptsTable: DynamodbTable;
}

/** A multipart upload that old belongs to an assembly that is long over. */
const UNFINISHED_UPLOAD_DAYS = 2;
/** What an expired or overwritten object can still be brought back from. */
const NONCURRENT_DAYS = 7;
/** S3's shortest. Pieces of audio are for whoever listens now; the recording has them all. */
const LIVE_DAYS = 1;

export function storage(
  scope: Construct,
  config: Config,
  names: Names,
  place: Place,
  keyArn: string,
): Storage {
  const recordings = recordingsBucket(scope, config, names, place, keyArn);
  const table = (id: string, name: string, schema: TableSchema) =>
    dataTable(scope, id, name, schema, keyArn, config.protectData);
  return {
    ...recordings,
    checkpointsTable: table('checkpoints', names.checkpointsTable, CHECKPOINTS_TABLE),
    callsTable: table('calls', names.callsTable, CALLS_TABLE),
    transcriptsTable: table('transcripts', names.transcriptsTable, TRANSCRIPTS_TABLE),
  };
}

function recordingsBucket(
  scope: Construct,
  config: Config,
  names: Names,
  place: Place,
  keyArn: string,
): Pick<Storage, 'bucket' | 'bucketVersioning'> {
  const { bucket, access, versioning } = closedBucket(scope, 'recordings', {
    bucket: names.bucket(place.account),
    forceDestroy: false,
    lifecycle: { preventDestroy: config.protectData },
  });
  new S3BucketServerSideEncryptionConfigurationA(scope, 'recordings_encryption', {
    bucket: bucket.id,
    rule: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
        // One request to KMS for many objects, instead of one each.
        bucketKeyEnabled: true,
      },
    ],
  });
  new S3BucketLifecycleConfiguration(scope, 'recordings_lifecycle', {
    bucket: bucket.id,
    rule: lifecycleRules(config),
    dependsOn: [versioning],
  });
  if (config.livePieceEvents)
    new S3BucketNotification(scope, 'recordings_events', { bucket: bucket.id, eventbridge: true });
  new S3BucketPolicy(scope, 'recordings_policy', {
    bucket: bucket.id,
    // A denial, so that the wildcard takes away: whatever is asked for.
    policy: policyDocument([onlyTls(['s3:*'], [bucket.arn, `${bucket.arn}/*`])]),
    dependsOn: [access],
  });
  return { bucket, bucketVersioning: versioning };
}

function lifecycleRules(config: Config): S3BucketLifecycleConfigurationRule[] {
  const rule = (id: string, prefix: string, rest: Partial<S3BucketLifecycleConfigurationRule>) => ({
    id,
    status: 'Enabled',
    filter: [{ prefix }],
    ...rest,
  });
  const whole = '';
  return [
    rule('tape', TAPE_PREFIX, { expiration: [{ days: config.tapeDays }] }),
    ...(config.recordingDays === 0
      ? []
      : [rule('recordings', RECORDINGS_PREFIX, { expiration: [{ days: config.recordingDays }] })]),
    ...(config.transcriptDays === 0 ? [] : [wordsRule(config.transcriptDays)]),
    ...(config.liveSinks.length === 0
      ? []
      : [
          rule('live', LIVE_PREFIX, {
            expiration: [{ days: LIVE_DAYS }],
            noncurrentVersionExpiration: [{ noncurrentDays: LIVE_DAYS }],
          }),
        ]),
    rule('unfinished-uploads', whole, {
      abortIncompleteMultipartUpload: [{ daysAfterInitiation: UNFINISHED_UPLOAD_DAYS }],
    }),
    rule('noncurrent', whole, {
      noncurrentVersionExpiration: [{ noncurrentDays: NONCURRENT_DAYS }],
      // What is left of an object once its last version has gone.
      expiration: [{ expiredObjectDeleteMarker: true }],
    }),
  ];
}

/** What was said is written beside the recording, and may go before it does. */
function wordsRule(days: number): S3BucketLifecycleConfigurationRule {
  const { key, value } = TRANSCRIPT_TAG;
  return {
    id: 'words',
    status: 'Enabled',
    filter: [{ and: [{ prefix: RECORDINGS_PREFIX, tags: { [key]: value } }] }],
    expiration: [{ days }],
  };
}

function dataTable(
  scope: Construct,
  id: string,
  name: string,
  schema: TableSchema,
  keyArn: string,
  protect: boolean,
): DynamodbTable {
  return new DynamodbTable(scope, id, {
    name,
    billingMode: 'PAY_PER_REQUEST',
    hashKey: schema.hashKey,
    ...(schema.rangeKey !== undefined && { rangeKey: schema.rangeKey }),
    attribute: keyAttributes(schema).map((attribute) => ({ name: attribute, type: 'S' })),
    globalSecondaryIndex: schema.indexes.map((index) => ({
      name: index.name,
      hashKey: index.hashKey,
      ...(index.rangeKey !== undefined && { rangeKey: index.rangeKey }),
      projectionType: 'INCLUDE',
      nonKeyAttributes: [...index.projected],
    })),
    ...(schema.timeToLive !== undefined && { ttl: { enabled: true, attributeName: schema.timeToLive } }),
    serverSideEncryption: { enabled: true, kmsKeyArn: keyArn },
    pointInTimeRecovery: { enabled: true },
    deletionProtectionEnabled: protect,
    lifecycle: { preventDestroy: protect },
  });
}
