/** What whoever listens while people talk takes beside the recorder's rights: that one reads the tape and S3's key, too. */
import { TAPE_PREFIX } from '../../recording/tape/keys.ts';
import { LISTENER_KEYS, LIVE_PREFIX } from '../../recording/tape/live-keys.ts';
import type { Config } from '../config/config.ts';
import { WORD_SINKS } from '../config/live-settings.ts';
import { allow, listTape, type Statement, tableKey, type Targets, useKey } from './policies.ts';

type CallFactsRights = Pick<
  Config,
  'liveSinks' | 'recogniseLanguageAttribute' | 'transcribeLanguageAttribute'
>;
export type LiveRights = Pick<
  Config,
  'liveSinks' | 'liveSecretArn' | 'liveSecretKeyArn' | 'transcriptEvents' | keyof CallFactsRights
>;

/** Whether anything of words is deployed. */
export const writesDown = ({ liveSinks }: Pick<Config, 'liveSinks'>): boolean =>
  WORD_SINKS.some((sink) => liveSinks.includes(sink));

/** Whether a listener reads the call record: for a server, or for the language that an attribute names. */
export const needsCallFacts = (of: CallFactsRights): boolean =>
  of.liveSinks.includes('websocket') ||
  of.recogniseLanguageAttribute !== undefined ||
  of.transcribeLanguageAttribute !== undefined;

/** Who may be told of what is said, where anybody is. */
export const tellsOfWords = (of: Pick<Config, 'liveSinks' | 'transcriptEvents'>): boolean =>
  writesDown(of) && of.transcriptEvents !== 'none';

export function livePolicy(targets: Targets, rights: LiveRights): Statement[] {
  const { liveSinks, liveSecretArn, liveSecretKeyArn } = rights;
  const { bucketArn } = targets;
  const written = liveSinks.includes('pieces') ? `${LIVE_PREFIX}*` : LISTENER_KEYS;
  return [
    allow('WhereListenersGoOn', ['s3:GetObject'], `${bucketArn}/${LISTENER_KEYS}`),
    allow('WriteLive', ['s3:PutObject'], `${bucketArn}/${written}`),
    // What its server is told of a call beside the audio, or in which language it is.
    ...(needsCallFacts(rights) ? [allow('CallFacts', ['dynamodb:GetItem'], targets.callsTableArn)] : []),
    ...(writesDown(rights) ? wordsPolicy(targets, rights) : []),
    ...(liveSecretArn === undefined
      ? []
      : [allow('Secret', ['secretsmanager:GetSecretValue'], liveSecretArn)]),
    ...(liveSecretKeyArn === undefined
      ? []
      : [useKey('SecretKey', targets, 'secretsmanager', ['kms:Decrypt'], liveSecretKeyArn)]),
  ];
}

/** All that a listener may do in a task of its own: it hears a recording from its tape, and changes nothing of it. */
export function listenerPolicy(targets: Targets, rights: LiveRights): Statement[] {
  return [
    listTape(targets),
    allow('ReadTape', ['s3:GetObject'], `${targets.bucketArn}/${TAPE_PREFIX}*`),
    useKey('BucketKey', targets, 's3', ['kms:Decrypt', 'kms:GenerateDataKey']),
    allow('Checkpoints', ['dynamodb:GetItem'], targets.checkpointsTableArn),
    tableKey(targets),
    ...livePolicy(targets, rights),
  ];
}

/** Rows are written once; they change, or go, where they turn out to have been said elsewhere. */
function wordsPolicy(targets: Targets, rights: LiveRights): Statement[] {
  return [
    allow(
      'Words',
      ['dynamodb:DeleteItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      targets.transcriptsTableArn,
    ),
    ...(tellsOfWords(rights) ? [allow('TellWords', ['events:PutEvents'], targets.eventBusArn)] : []),
    // Service Authorization Reference: an action without resource types.
    ...(rights.liveSinks.includes('transcribe')
      ? [allow('Transcribe', ['transcribe:StartStreamTranscription'], '*')]
      : []),
  ];
}
