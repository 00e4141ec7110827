/** The key of everything at rest: one that is made, or the one given. */
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias/index.js';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import type { Config } from '../config/config.ts';
import { arnOf, type Place } from '../config/place.ts';
import { policyDocument } from '../policies/policies.ts';

/** The longest that KMS waits: whatever the key encrypted is lost once it is gone. */
const DELETION_WINDOW_DAYS = 30;

/** @returns the key's ARN. */
export function dataKey(scope: Construct, config: Config, names: Names, place: Place): string {
  if (config.kmsKeyArn !== undefined) return config.kmsKeyArn;
  const key = new KmsKey(scope, 'data_key', {
    description: `Recordings, call records and logs of ${config.prefix}`,
    enableKeyRotation: true,
    deletionWindowInDays: DELETION_WINDOW_DAYS,
    policy: policyDocument(keyPolicy(place)),
    lifecycle: { preventDestroy: config.protectData },
  });
  new KmsAlias(scope, 'data_key_alias', { name: names.keyAlias, targetKeyId: key.keyId });
  return key.arn;
}

/** What `kms:*` would be for a symmetric key. */
const ACCOUNT_ACTIONS = [
  'CancelKeyDeletion',
  'CreateAlias',
  'CreateGrant',
  'Decrypt',
  'DeleteAlias',
  'DescribeKey',
  'DisableKey',
  'DisableKeyRotation',
  'EnableKey',
  'EnableKeyRotation',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GetKeyPolicy',
  'GetKeyRotationStatus',
  'ListGrants',
  'ListKeyPolicies',
  'ListKeyRotations',
  'ListResourceTags',
  'PutKeyPolicy',
  'ReEncryptFrom',
  'ReEncryptTo',
  'RetireGrant',
  'RevokeGrant',
  'RotateKeyOnDemand',
  'ScheduleKeyDeletion',
  'TagResource',
  'UntagResource',
  'UpdateAlias',
  'UpdateKeyDescription',
].map((verb) => `kms:${verb}`);

/** In a key's own policy `*` stands for this key, and for nothing else. */
const THIS_KEY = '*';

/** What AWS's own services do with the key; a key that is given must allow it too (docs/DEPLOYING.md). */
export function serviceStatements(place: Place) {
  return [
    {
      Sid: 'Logs',
      Effect: 'Allow',
      Principal: { Service: `logs.${place.region}.amazonaws.com` },
      Action: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      Resource: THIS_KEY,
      Condition: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arnOf(place, 'logs', 'log-group:*') },
      },
    },
    {
      Sid: 'Alarms',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: THIS_KEY,
      Condition: { StringEquals: { 'aws:SourceAccount': place.account } },
    },
  ];
}

function keyPolicy(place: Place) {
  return [
    {
      // AWS's own default: the account's IAM policies decide; without it a key can become unmanageable.
      Sid: 'Account',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${place.account}:root` },
      Action: ACCOUNT_ACTIONS,
      Resource: THIS_KEY,
    },
    ...serviceStatements(place),
  ];
}
