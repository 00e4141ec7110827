/** What whoever listens while people talk takes beside the recorder's rights: that one reads the tape and S3's key, too. */
import { LISTENER_KEYS, LIVE_PREFIX } from '../../recording/tape/live-keys.ts';
import type { Config } from '../config/config.ts';
import { allow, type Statement, type Targets, useKey } from './policies.ts';

export type LiveRights = Pick<Config, 'liveSinks' | 'liveSecretArn' | 'liveSecretKeyArn'>;

export function livePolicy(
  targets: Targets,
  { liveSinks, liveSecretArn, liveSecretKeyArn }: LiveRights,
): Statement[] {
  const { bucketArn } = targets;
  const written = liveSinks.includes('pieces') ? `${LIVE_PREFIX}*` : LISTENER_KEYS;
  return [
    allow('WhereListenersGoOn', ['s3:GetObject'], `${bucketArn}/${LISTENER_KEYS}`),
    allow('WriteLive', ['s3:PutObject'], `${bucketArn}/${written}`),
    // What its server is told of a call beside the audio.
    ...(liveSinks.includes('websocket')
      ? [allow('CallFacts', ['dynamodb:GetItem'], targets.callsTableArn)]
      : []),
    ...(liveSecretArn === undefined
      ? []
      : [allow('Secret', ['secretsmanager:GetSecretValue'], liveSecretArn)]),
    ...(liveSecretKeyArn === undefined
      ? []
      : [useKey('SecretKey', targets, 'secretsmanager', ['kms:Decrypt'], liveSecretKeyArn)]),
  ];
}
