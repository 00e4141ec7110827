/**
 * Every setting of a deployment: what it means, its default and what is allowed. Values come as text, from
 * `cdktf.json` or the environment; a schema checks the text and makes the value of it. The messages inside the
 * schemas complete "…, which is …".
 */
import * as v from 'valibot';
import { LIMITS } from '../../contract/limits.ts';
import { LIVE_SETTINGS } from './live-settings.ts';
import {
  type About,
  emptyOr,
  IMAGE,
  KMS_KEY,
  KMS_KEY_ARN,
  list,
  matching,
  oneOf,
  onOff,
  pairs,
  seconds,
  setting,
  whole,
} from './values.ts';
import { WORDS_SETTINGS } from './words-settings.ts';

const ABOUT = v.object({ summary: v.string(), allowed: v.string(), fallback: v.string() });

/** Connect's live media streaming is offered neither in GovCloud nor in China. */
export const REGION = /^(?!us-gov-|cn-)[a-z]{2}(-[a-z]+)+-\d$/;
const BUCKET_ARN = /^arn:aws:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** What CloudWatch Logs takes (PutRetentionPolicy, API reference). */
const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653];
/** A year has 8,760 hours; ten years is what Kinesis Video Streams keeps at most (UpdateDataRetention). */
const MEDIA_RETENTION_HOURS = { min: 1, max: 87_600 };
/** Room that the longest names derived from it need (contract/names.ts). */
export const PREFIX_LENGTH_MAX = 32;

export const SETTINGS = v.object({
  region: setting(
    'AWS region. Empty: that of `instanceArn`, else `AWS_REGION`, else `AWS_DEFAULT_REGION`, else us-east-1',
    'a region such as eu-west-2, or empty',
    '',
    emptyOr(REGION),
  ),
  prefix: setting(
    'First part of every name. Deployments with different prefixes stand side by side',
    `3 to ${String(PREFIX_LENGTH_MAX)} lower-case letters, digits and hyphens, beginning with a letter`,
    'callspool',
    v.pipe(
      v.string(),
      v.minLength(3, 'too short'),
      v.maxLength(PREFIX_LENGTH_MAX, 'too long'),
      v.regex(/^[a-z](?:-?[a-z0-9])+$/, 'malformed'),
      v.regex(/^(?!xn--|sthree-|amzn-s3-demo-)/, 'a prefix that S3 keeps to itself'),
    ),
  ),
  instanceArn: setting(
    'ARN of the Connect instance. Empty: everything but the wiring is deployed',
    'arn:aws:connect:<region>:<account>:instance/<id>, or empty',
    '',
    emptyOr(/^arn:aws:connect:[a-z0-9-]+:\d{12}:instance\/[0-9a-f-]{36}$/),
  ),

  network: setting(
    '`public`: own VPC, a public address a task. `ipv6`: own VPC, no IPv4 and no price, in some regions. `nat`: own VPC, private subnets behind NAT. `existing`: yours',
    'public, ipv6, nat or existing',
    'public',
    oneOf(['public', 'ipv6', 'nat', 'existing']),
  ),
  keepNetwork: setting(
    'The network that is being left, while calls are still recorded in it (docs/COSTS-NETWORK.md)',
    'public, ipv6 or nat, or empty',
    '',
    v.pipe(
      oneOf(['', 'public', 'ipv6', 'nat']),
      v.transform((text) => (text === '' ? undefined : text)),
    ),
  ),
  vpcCidr: setting(
    'Addresses of the own VPC; each zone has a quarter of them',
    'an IPv4 block from /16 to /24',
    '10.91.0.0/16',
    matching(/^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|2[0-4])$/),
  ),
  zones: whole('Availability zones of the own VPC', 1, 4, 2),
  vpcId: setting('VPC, with network=existing', 'vpc-…, or empty', '', emptyOr(/^vpc-[0-9a-f]{8,17}$/)),
  subnetIds: setting(
    'Subnets, with network=existing',
    'subnet-…, several with commas between, or empty',
    '',
    list(/^subnet-[0-9a-f]{8,17}$/),
  ),
  assignPublicIp: onOff('With network=existing: give tasks a public address', false),

  segmentSeconds: seconds(
    'Audio in one tape object: what a crash costs is read again',
    LIMITS.segmentSeconds,
  ),
  idleTimeoutSeconds: seconds(
    'How long to wait, once the contact is over, for a stream that can’t be read to its end',
    LIMITS.idleTimeoutSeconds,
  ),
  longestCallSeconds: seconds('A call that lasts longer is cut here', LIMITS.longestCallSeconds),
  graceSeconds: seconds('Quiet after a hang-up before the recording ends', LIMITS.graceSeconds, true),
  spot: onOff('Record on Fargate Spot first, On-Demand when there is none', true),

  resumeByItself: onOff('Resume by itself, every 15 minutes, what an outage has broken off', true),

  tapeDays: whole('Days that the tape (the raw fragments) is kept', 1, 3650, 30),
  recordingDays: whole('Days that recordings are kept; 0: for ever', 0, 36_500, 0),
  flac: onOff('Write each recording as FLAC, too, beside its WAV: a quarter more to keep', false),
  keepPhoneNumbers: onOff('Write the caller’s and the dialled number into the call record', true),
  keepAttributes: onOff(
    'Write the contact’s attributes into the call record: flows put all sorts there',
    false,
  ),
  protectData: onOff('Bucket, tables and key withstand `cdktf destroy`', true),
  dataOnly: onOff('Deploy bucket, tables and key alone: takes everything else away', false),
  kmsKeyArn: setting('Key for data at rest. Empty: one is made', KMS_KEY, '', emptyOr(KMS_KEY_ARN)),
  accessLogs: onOff('Write down who fetches which recording, in a bucket of its own', false),
  accessLogDays: whole('Days that those access logs are kept', 1, 3650, 365),
  replicateTo: setting(
    'Bucket, in another region or account, that S3 copies recordings to. Empty: none',
    'a bucket’s ARN (arn:aws:s3:::…), or empty',
    '',
    emptyOr(BUCKET_ARN),
  ),
  replicateKeyArn: setting(
    'Key of the copies, with replicateTo; in that bucket’s region',
    KMS_KEY,
    '',
    emptyOr(KMS_KEY_ARN),
  ),

  ...LIVE_SETTINGS,
  ...WORDS_SETTINGS,

  manageMediaStreams: onOff('Set the instance’s live media streaming (prefix, retention, key)', true),
  mediaStreamPrefix: setting(
    'Prefix of the instance’s video streams. Empty: `prefix`',
    '1 to 64 letters, digits, hyphens and underscores, or empty',
    '',
    emptyOr(/^[A-Za-z0-9_-]{1,64}$/),
  ),
  mediaRetentionHours: whole(
    'Hours that the video streams keep audio; what isn’t recorded can be fetched that long',
    MEDIA_RETENTION_HOURS.min,
    MEDIA_RETENTION_HOURS.max,
    24,
  ),
  mediaKeyArn: setting(
    'Key of the video streams, with manageMediaStreams=false. Empty: AWS’s own key',
    KMS_KEY,
    '',
    emptyOr(KMS_KEY_ARN),
  ),
  flows: onOff('Make a contact flow to point a number at, and a flow module', true),
  queueName: setting(
    'Queue that the contact flow transfers callers to',
    '1 to 127 characters, without $ and quotes',
    'BasicQueue',
    matching(/^[^$"\\]{1,127}$/),
  ),
  announcement: setting(
    'What callers of the contact flow hear once the recording runs. Empty: nothing',
    'up to 1000 characters, without $, quotes and line breaks',
    'This call is recorded.',
    matching(/^[^$"\\\n\r]{0,1000}$/),
  ),

  alarmEmail: setting(
    'Where alarms go; AWS sends a link to confirm. Empty: to the topic alone',
    'an e-mail address, or empty',
    '',
    emptyOr(/^[^\s@$"]{1,64}@[^\s@$"]+\.[^\s@$"]+$/),
  ),
  logDays: setting(
    'Days that logs are kept',
    LOG_DAYS.join(', '),
    '30',
    v.pipe(oneOf(LOG_DAYS.map(String)), v.transform(Number)),
  ),
  logLevel: setting(
    'What the programs log',
    'DEBUG, INFO, WARN or ERROR',
    'INFO',
    oneOf(['DEBUG', 'INFO', 'WARN', 'ERROR']),
  ),
  flowLogs: onOff('Log what the own VPC’s addresses talk to', false),
  tracing: onOff('Trace the functions with X-Ray, too, and not the workflow alone', false),
  connectConcurrency: whole('Concurrency reserved for starting recordings; 0: none', 0, 1000, 25),
  contactEventConcurrency: whole('Most contact events handled at once; 0: no limit of its own', 0, 1000, 10),
  eventBusName: setting(
    'Event bus that “Recording Completed” goes to',
    'the name of an event bus in the account',
    'default',
    matching(/^[A-Za-z0-9._/-]{1,256}$/),
  ),

  imageBuilder: setting(
    'Program that builds and pushes the task’s image',
    'docker, podman, finch, nerdctl or buildah',
    'docker',
    oneOf(['docker', 'podman', 'finch', 'nerdctl', 'buildah']),
  ),
  nodeImage: setting(
    'Image that the task’s is built on',
    'an image with Node 24 for ARM64',
    'gcr.io/distroless/nodejs24-debian13:nonroot',
    matching(/^[a-z0-9][A-Za-z0-9._:/@-]{1,511}$/),
  ),
  imageUri: setting(
    'Image that was pushed by other means: nothing is built. Empty: build and push',
    'an image for ARM64 with its tag or digest, or empty',
    '',
    emptyOr(IMAGE),
  ),

  tags: setting(
    'More tags for everything',
    'key=value, several with commas between, or empty; no key may begin with aws:',
    '',
    pairs,
  ),
  stateBucket: setting(
    'S3 bucket for Terraform’s state, with a lock file. Empty: a file in the checkout',
    'a bucket’s name, or empty',
    '',
    emptyOr(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  ),
  stateRegion: setting(
    'Region of the state bucket. Empty: `region`',
    'a region such as eu-west-2, or empty',
    '',
    emptyOr(REGION),
  ),
});

export type SettingName = keyof typeof SETTINGS.entries;
export type Settings = v.InferOutput<typeof SETTINGS>;

const isSettingName = (name: string): name is SettingName => name in SETTINGS.entries;
export const SETTING_NAMES = Object.keys(SETTINGS.entries).filter(isSettingName);

export function aboutSetting(name: SettingName): About {
  const { summary, allowed, fallback } = v.getMetadata(SETTINGS.entries[name]);
  return v.parse(ABOUT, { summary, allowed, fallback });
}

/** `segmentSeconds` → `CALLSPOOL_SEGMENT_SECONDS`. */
export function settingVariable(name: SettingName): string {
  return `CALLSPOOL_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}
