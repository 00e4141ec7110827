/**
 * Copies of recordings in a bucket in another region or account, made by S3 itself, under a key of theirs.
 *
 * Recordings alone: the tape is kept for some weeks, and a recording is made of it before anybody looks for a copy. What
 * is deleted here stays there: a copy that goes with the original protects from nothing. Erasing reaches the copies by itself
 * (cli/calls/erase), since deletions of versions are never copied, whatever is set.
 */
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import { S3BucketReplicationConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-replication-configuration/index.js';
import type { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import { RECORDINGS_PREFIX } from '../../recording/audio/files/keys.ts';
import type { Config } from '../config/config.ts';
import type { Place } from '../config/place.ts';
import { allow, type Statement } from '../policies/policies.ts';
import { role } from '../policies/role.ts';

export interface ReplicationParts {
  readonly names: Names;
  readonly place: Place;
  /** The key of what is copied. */
  readonly keyArn: string;
  readonly bucket: S3Bucket;
  readonly versioning: S3BucketVersioningA;
}

/** Where the copies are. */
export interface Replica {
  readonly bucketArn: string;
  readonly keyArn: string;
}

export function replicaOf({ replicateTo, replicateKeyArn }: Config): Replica | undefined {
  if (replicateTo === undefined || replicateKeyArn === undefined) return undefined;
  return { bucketArn: replicateTo, keyArn: replicateKeyArn };
}

/** @returns the ARN of the role that S3 copies with: a bucket of another account must let it in. */
export function replication(scope: Construct, replica: Replica, parts: ReplicationParts): string {
  const { names, place, bucket, versioning } = parts;
  const ownRole = role(scope, 'replication', place, {
    name: names.role('replication'),
    service: 's3',
    // For nothing that it would name: AWS tells of no source that S3 names when it takes such a role on (S3 user guide,
    // "Setting up permissions for live replication"). Only a bucket of the role's own account can have it.
    statements: replicationPolicy(replica, parts),
  });
  new S3BucketReplicationConfigurationA(scope, 'recordings_replication', {
    bucket: bucket.id,
    role: ownRole.arn,
    rule: [
      {
        id: 'recordings',
        status: 'Enabled',
        priority: 1,
        filter: { prefix: RECORDINGS_PREFIX },
        deleteMarkerReplication: { status: 'Disabled' },
        sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
        destination: {
          bucket: replica.bucketArn,
          encryptionConfiguration: { replicaKmsKeyId: replica.keyArn },
        },
      },
    ],
    dependsOn: [versioning, ownRole.granted],
  });
  return ownRole.arn;
}

/** S3 user guide, "Setting up permissions for live replication" and "Replicating encrypted objects". */
function replicationPolicy(replica: Replica, { place, keyArn, bucket }: ReplicationParts): Statement[] {
  const replicaRegion = replica.keyArn.split(':')[3] ?? '';
  return [
    allow('Source', ['s3:GetReplicationConfiguration', 's3:ListBucket'], bucket.arn),
    allow(
      'Originals',
      ['s3:GetObjectVersionAcl', 's3:GetObjectVersionForReplication', 's3:GetObjectVersionTagging'],
      `${bucket.arn}/${RECORDINGS_PREFIX}*`,
    ),
    allow('Copies', ['s3:ReplicateObject', 's3:ReplicateTags'], `${replica.bucketArn}/${RECORDINGS_PREFIX}*`),
    allow('OriginalsKey', ['kms:Decrypt'], keyArn, throughS3(place.region, bucket.arn)),
    allow(
      'CopiesKey',
      ['kms:Encrypt', 'kms:GenerateDataKey'],
      replica.keyArn,
      throughS3(replicaRegion, replica.bucketArn),
    ),
  ];
}

/** With a bucket key the context is the bucket; an object that has none has its own (same guide). */
function throughS3(region: string, bucketArn: string) {
  return {
    StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` },
    StringLike: {
      'kms:EncryptionContext:aws:s3:arn': [bucketArn, `${bucketArn}/${RECORDINGS_PREFIX}*`],
    },
  };
}
