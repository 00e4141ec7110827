/** What `websocket` is configured with, out of environment variables alone. */
import { bounded, type Environment, flag, optional, required } from '../../../contract/environment.ts';
import { LIVE_LIMITS } from '../../../contract/limits.ts';
import { LIVE_VARIABLES, RUN_VARIABLES } from '../../../contract/variables.ts';
import { instanceOf } from '../../../recording/arn.ts';
import { RecordingError } from '../../../recording/errors.ts';
import { type Format, FORMATS } from './audiohook/media.ts';
import type { Keeping } from './server/call-facts.ts';

const DIALECTS = ['audiohook', 'twilio'] as const;

export type SecretSource =
  | { readonly from: 'secrets-manager'; readonly arn: string; readonly region: string }
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'value'; readonly value: string };

export interface WebSocketSettings {
  readonly name: 'websocket';
  readonly url: string;
  readonly dialect: (typeof DIALECTS)[number];
  /** Undefined where the server asks for none. */
  readonly secret: SecretSource | undefined;
  readonly format: Format;
  readonly language: string | undefined;
  readonly organizationId: string;
  readonly behindMs: number | undefined;
  readonly callsTable: string | undefined;
  readonly keep: Keeping;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NIL_UUID = '00000000-0000-0000-0000-000000000000';
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** BCP 47's letters, digits and hyphens. */
const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}$/;
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:[\w/+=.@-]{1,512}$/;

/** @throws RecordingError that names the variable, and says what is allowed. */
export function readWebSocketSettings(env: Environment): WebSocketSettings {
  const V = LIVE_VARIABLES;
  return {
    name: 'websocket',
    url: urlIn(required(env, V.webSocketUrl)),
    dialect: oneOf(env, V.webSocketDialect, DIALECTS),
    secret: secretIn(env),
    format: oneOf(env, V.webSocketFormat, FORMATS),
    language: matching(env, V.webSocketLanguage, LANGUAGE, 'a language such as en-US'),
    organizationId: organizationIn(env),
    behindMs:
      optional(env, V.webSocketBehindSeconds) === undefined
        ? undefined
        : bounded(env, V.webSocketBehindSeconds, LIVE_LIMITS.webSocketBehindSeconds) * 1000,
    callsTable: optional(env, V.callsTable),
    keep: {
      phoneNumbers: flag(env, V.keepPhoneNumbers, false),
      attributes: flag(env, V.keepAttributes, false),
    },
  };
}

function urlIn(text: string): string {
  const name = LIVE_VARIABLES.webSocketUrl;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === 'ws:' && LOOPBACK.test(url.hostname);
  if (url === undefined || !(url.protocol === 'wss:' || isLocal))
    throw new RecordingError(
      `the environment variable ${name} must be a URL with wss:, or with ws: to this machine (127.0.0.1)`,
    );
  if (url.username + url.password + url.hash !== '')
    throw new RecordingError(`the environment variable ${name} must hold no user, password or fragment`);
  return text;
}

function secretIn(env: Environment): SecretSource | undefined {
  const V = LIVE_VARIABLES;
  const arn = matching(env, V.webSocketSecretArn, SECRET_ARN, 'the ARN of a secret in Secrets Manager');
  const path = optional(env, V.webSocketSecretFile);
  const value = optional(env, V.webSocketSecret);
  const [source, ...others]: SecretSource[] = [
    ...(arn === undefined ? [] : [{ from: 'secrets-manager' as const, arn, region: regionIn(arn) }]),
    ...(path === undefined ? [] : [{ from: 'file' as const, path }]),
    ...(value === undefined ? [] : [{ from: 'value' as const, value }]),
  ];
  if (others.length === 0) return source;
  throw new RecordingError(
    `only one of ${V.webSocketSecretArn}, ${V.webSocketSecretFile} and ${V.webSocketSecret} may be set`,
  );
}

function regionIn(arn: string): string {
  return SECRET_ARN.exec(arn)?.[1] ?? '';
}

function organizationIn(env: Environment): string {
  const given = matching(env, LIVE_VARIABLES.webSocketOrganization, UUID, 'a UUID');
  const instance = instanceOf(optional(env, RUN_VARIABLES.instanceArn) ?? '');
  return given ?? instance?.id ?? NIL_UUID;
}

/** The first one is the default. */
function oneOf<T extends string>(env: Environment, name: string, names: readonly [T, ...T[]]): T {
  const text = optional(env, name) ?? names[0];
  const known = names.find((one) => one === text);
  if (known !== undefined) return known;
  throw new RecordingError(`the environment variable ${name} must be one of ${names.join(', ')}`);
}

function matching(env: Environment, name: string, pattern: RegExp, what: string): string | undefined {
  const text = optional(env, name);
  if (text === undefined || pattern.test(text)) return text;
  throw new RecordingError(`the environment variable ${name} must be ${what}`);
}
