/** Settings of whoever listens while people talk (docs/LIVE.md). Without `liveSinks` nothing of it is deployed. */
import * as v from 'valibot';
import { LIVE_LIMITS } from '../../contract/limits.ts';
import { LIVE_CHOICES } from '../../recording/call-record.ts';
import {
  emptyOr,
  emptyOrWithin,
  IMAGE,
  KMS_KEY,
  KMS_KEY_ARN,
  oneOf,
  onOff,
  setting,
  within,
} from './values.ts';

export const LIVE_SINKS = ['pieces', 'websocket', 'socket', 'recognise', 'transcribe'] as const;
export type LiveSink = (typeof LIVE_SINKS)[number];
/** Those that write down what is said (words-settings.ts). */
export const WORD_SINKS = ['recognise', 'transcribe'] as const satisfies readonly LiveSink[];
const DIALECTS = ['audiohook', 'twilio'] as const;
const FORMATS = ['PCMU', 'L16'] as const;

/** One name each, in the order in which they are listed above: the same deployment, however they are written. */
const sinks = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').map((part) => part.trim())),
  v.transform((parts) => parts.filter((part) => part !== '')),
  v.array(v.picklist(LIVE_SINKS, 'none of the choices')),
  v.transform((chosen) => LIVE_SINKS.filter((sink) => chosen.includes(sink))),
);

/** A task reaches HTTPS's port alone, and nothing secret belongs into an environment: no user, no password. */
const WEBSOCKET_URL = /^wss:\/\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::443)?(?:\/[^\s#@]{0,1024})?$/i;
const SECRET_ARN =
  /^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}$/;
/** BCP 47's letters, digits and hyphens. */
const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A listener of one sink takes some 130 MiB, most of it Node's own: its parent's and its. */
const LISTENER_MIB = { min: 192, max: 2_048, default: 256 };
const OWN_MIB = { min: 64, max: 16_384, default: 512 };
/** 1024 are a vCPU. */
const OWN_CPU = { min: 64, max: 3_840, default: 256 };

export const LIVE_SETTINGS = {
  liveSinks: setting(
    'Who is given calls while people talk (docs/LIVE.md). Empty: nobody, and nothing of it is deployed',
    `${LIVE_SINKS.join(', ')}, several with commas between, or empty`,
    '',
    sinks,
  ),
  live: setting(
    'Whether that is so of a call whose flow doesn’t say (parameter `live` of the connect function)',
    'on or off',
    'on',
    oneOf(LIVE_CHOICES),
  ),
  livePercent: within('Of those calls, how many of a hundred: always the same ones', LIVE_LIMITS.percent),
  liveWindowMs: within(
    'Milliseconds that one side may be further than the other before that one isn’t waited for',
    LIVE_LIMITS.windowMs,
  ),
  livePieceSeconds: within('Audio in a piece, with `pieces`', LIVE_LIMITS.pieceSeconds),
  livePieceEvents: onOff(
    'With `pieces`: S3 tells EventBridge’s default bus of each object of the bucket, for a dollar a million',
    false,
  ),
  liveWebsocketUrl: setting(
    'With `websocket`: the server that each task connects to',
    'wss://<host>[:443][/<path>], without a user and a password, or empty',
    '',
    emptyOr(WEBSOCKET_URL),
  ),
  liveWebsocketDialect: setting(
    'With `websocket`: what that server speaks',
    DIALECTS.join(' or '),
    'audiohook',
    oneOf(DIALECTS),
  ),
  liveWebsocketFormat: setting(
    'With `audiohook`: what the server is offered first',
    FORMATS.join(' or '),
    'PCMU',
    oneOf(FORMATS),
  ),
  liveWebsocketLanguage: setting(
    'With `audiohook`: what the server is told is spoken. Empty: nothing',
    'a language such as en-US, or empty',
    '',
    emptyOr(LANGUAGE),
  ),
  liveWebsocketOrganization: setting(
    'With `websocket`: for AudioHook’s `organizationId` and Twilio’s `accountSid`. Empty: the instance’s id',
    'a UUID, or empty',
    '',
    emptyOr(UUID),
  ),
  liveWebsocketBehindSeconds: emptyOrWithin(
    'With `websocket`: audio older than so much is left out, and told. Empty: nothing is',
    LIVE_LIMITS.webSocketBehindSeconds,
  ),
  liveSecretArn: setting(
    'With `websocket`: the secret in Secrets Manager by which the server knows the task. Empty: none',
    'a secret’s whole ARN (arn:aws:secretsmanager:…:secret:…-xxxxxx), or empty',
    '',
    emptyOr(SECRET_ARN),
  ),
  liveSecretKeyArn: setting('Key of that secret. Empty: AWS’s own key', KMS_KEY, '', emptyOr(KMS_KEY_ARN)),
  liveImage: setting(
    'With `socket`: image of a container of yours, which is given the call. It can do what the recorder can',
    'an image for ARM64 with its tag or digest, or empty',
    '',
    emptyOr(IMAGE),
  ),
  liveImageMemory: within('MiB that this container may take', OWN_MIB),
  liveImageCpu: within('CPU units that the task has for it; 1024 are a vCPU', OWN_CPU),
  liveMemory: within('MiB that the listener may take', LISTENER_MIB),
  liveApart: onOff(
    'Whoever listens has a task and a role of its own, and hears calls from the tape: some `segmentSeconds` later',
    false,
  ),
};
