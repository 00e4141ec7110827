/** Verifies HTTP message signatures as AudioHook servers have to: from the request alone, by what it says was signed. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const REQUIRED = [
  '@request-target',
  '@authority',
  'audiohook-organization-id',
  'audiohook-session-id',
  'audiohook-correlation-id',
  'x-api-key',
];
const SKEW_SECONDS = 5;

/** @param secrets by API key, in base64. @returns what is wrong with the request; undefined where nothing is */
export function signatureFault(
  { headers, url = '' }: Pick<IncomingMessage, 'headers' | 'url'>,
  secrets: ReadonlyMap<string, string>,
  nowMs: number,
): string | undefined {
  const apiKey = headers['x-api-key'];
  const secret = typeof apiKey === 'string' ? secrets.get(apiKey) : undefined;
  if (secret === undefined) return 'unknown API key';
  const { input, signature } = { input: headers['signature-input'], signature: headers.signature };
  if (typeof input !== 'string' || typeof signature !== 'string') return 'not signed';
  const [, label = '', signed = '', list = '', tail = ''] =
    /^([a-z0-9]+)=(\(([^)]*)\)(.*))$/.exec(input) ?? [];
  const names = [...list.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
  const missing = REQUIRED.filter((name) => !names.includes(name));
  if (missing.length > 0) return `not covered: ${missing.join()}`;
  const parameters = new Map(
    [...tail.matchAll(/;([a-z]+)=("(?:[^"\\]|\\.)*"|\d+)/g)].map(([, k = '', v = '']) => [k, v]),
  );
  const wrong = parameterFault(parameters, apiKey, nowMs / 1000);
  if (wrong !== undefined) return wrong;
  const value = (name: string) => {
    if (name === '@request-target') return url;
    if (name === '@authority') return headers.host?.toLowerCase().replace(/:(80|443)$/, '');
    return headers[name];
  };
  const lines = [
    ...names.map((name) => `"${name}": ${String(value(name))}`),
    `"@signature-params": ${signed}`,
  ];
  const expected = createHmac('sha256', Buffer.from(secret, 'base64')).update(lines.join('\n')).digest();
  const [, text = ''] = new RegExp(`^${label}=:([^:]*):$`).exec(signature) ?? [];
  const actual = Buffer.from(text, 'base64');
  return actual.length === expected.length && timingSafeEqual(actual, expected)
    ? undefined
    : 'wrong signature';
}

function parameterFault(
  parameters: ReadonlyMap<string, string>,
  apiKey: string | string[] | undefined,
  nowSeconds: number,
): string | undefined {
  const text = (name: string) => parameters.get(name)?.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1');
  if (text('keyid') !== apiKey) return 'keyid is not the API key';
  if (text('alg') !== 'hmac-sha256') return 'unknown algorithm';
  if ((text('nonce') ?? '').length < 22) return 'nonce too short';
  const [created, expires] = [Number(text('created')), Number(text('expires'))];
  if (!(created <= nowSeconds + SKEW_SECONDS)) return 'created in the future';
  if (!(expires >= nowSeconds - SKEW_SECONDS)) return 'expired';
  return undefined;
}
