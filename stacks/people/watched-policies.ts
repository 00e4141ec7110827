/** What people may do with access logs and copies of recordings, where a deployment has them. */
import { RECORDINGS_PREFIX } from '../../recording/audio/files/keys.ts';
import type { AccessLogs } from '../data/access-logs.ts';
import type { Replica } from '../data/replication.ts';
import { allow, type Statement, tableKey, type Targets } from '../policies/policies.ts';

/** `callspool calls heard`: who fetched what, without hearing any of it. Nobody may change the logs. */
export function auditorStatements(targets: Targets, logs: AccessLogs): Statement[] {
  return [
    seeLogging(targets),
    allow('FindLogs', ['s3:ListBucket'], logs.bucketArn),
    allow('ReadLogs', ['s3:GetObject'], logs.objectsArn),
    allow('Look', ['dynamodb:GetItem', 'dynamodb:Query'], targets.callsTableArn),
    tableKey(targets),
  ];
}

/** `callspool calls erase` says where the logs are, which it leaves. */
export function seeLogging(targets: Targets): Statement {
  return allow('WhereLogged', ['s3:GetBucketLogging'], targets.bucketArn);
}

/** `callspool calls erase`: the copies go, too. A bucket of another account must let whoever erases in, besides. */
export function eraseCopies(targets: Targets, replica: Replica): Statement[] {
  return [
    allow('WhereCopied', ['s3:GetReplicationConfiguration'], targets.bucketArn),
    allow(
      'FindCopies',
      ['s3:ListBucket', 's3:ListBucketMultipartUploads', 's3:ListBucketVersions'],
      replica.bucketArn,
    ),
    allow(
      'EraseCopies',
      ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      `${replica.bucketArn}/${RECORDINGS_PREFIX}*`,
    ),
  ];
}
