/**
 * How an AudioHook client proves who it is: by an HTTP message signature of the request that opens the WebSocket, as the
 * drafts of RFC 9421 had it that AudioHook was made with (the request's target is a component of its own there).
 */
import { createHmac } from 'node:crypto';

export interface Identity {
  readonly organizationId: string;
  readonly sessionId: string;
  readonly correlationId: string;
}

export interface SigningKey {
  readonly apiKey: string;
  /** In base64. */
  readonly clientSecret: string;
}

export interface SignatureTime {
  /** Seconds since 1970. */
  readonly created: number;
  readonly expires: number;
  /** Never used again; 22 characters or more. */
  readonly nonce: string;
}

export type Headers = Readonly<Record<string, string>>;

export function identityHeaders(identity: Identity, apiKey: string | undefined): Headers {
  return {
    'Audiohook-Organization-Id': identity.organizationId,
    'Audiohook-Session-Id': identity.sessionId,
    'Audiohook-Correlation-Id': identity.correlationId,
    ...(apiKey !== undefined && { 'X-API-KEY': apiKey }),
  };
}

/** @param url where the request goes */
export function signatureHeaders(
  url: string,
  identity: Identity,
  { apiKey, clientSecret }: SigningKey,
  { created, expires, nonce }: SignatureTime,
): Headers {
  const { host, pathname, search } = new URL(url);
  const components = {
    '@request-target': pathname + search,
    '@authority': host,
    'audiohook-organization-id': identity.organizationId,
    'audiohook-session-id': identity.sessionId,
    'audiohook-correlation-id': identity.correlationId,
    'x-api-key': apiKey,
  };
  const names = Object.keys(components).map(quoted).join(' ');
  const parameters =
    `(${names});keyid=${quoted(apiKey)};nonce=${quoted(nonce)};alg="hmac-sha256"` +
    `;created=${created};expires=${expires}`;
  const lines = Object.entries(components).map(([name, value]) => `${quoted(name)}: ${value}`);
  const base = [...lines, `"@signature-params": ${parameters}`].join('\n');
  const signature = createHmac('sha256', Buffer.from(clientSecret, 'base64')).update(base).digest('base64');
  return { 'Signature-Input': `sig1=${parameters}`, Signature: `sig1=:${signature}:` };
}

/** A string of structured fields (RFC 8941). */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
