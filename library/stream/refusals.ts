/** Which refusals no retry mends: of the very first request, and of any. */
import type { MediaError, MediaErrorKind } from '../../ports/media/media.ts';
import { StreamError, type StreamErrorKind } from './errors.ts';

const LASTING: Partial<Record<MediaErrorKind, StreamErrorKind>> = {
  noSuchStream: 'noSuchStream',
  accessDenied: 'accessDenied',
  keyUnavailable: 'keyUnavailable',
};

/** Errors of the SDK's by name, as they come before anything could be read. */
const BEFORE_ALL: ReadonlyMap<string, StreamErrorKind> = new Map([
  ['CredentialsProviderError', 'noCredentials'],
  ['TokenProviderError', 'noCredentials'],
  ['ExpiredTokenException', 'noCredentials'],
  ['InvalidClientTokenId', 'noCredentials'],
  ['InvalidSignatureException', 'noCredentials'],
  ['UnrecognizedClientException', 'noCredentials'],
  ['InvalidArgumentException', 'badRequest'],
  ['ValidationException', 'badRequest'],
]);

/** A refusal that has stood for some time. @returns undefined for one that may pass */
export function lastingError(error: MediaError): StreamError | undefined {
  const kind = LASTING[error.kind];
  return kind && new StreamError(kind, error.message, { cause: error });
}

/** A refusal of the very first request: what is wrong with it will stay so. @returns undefined for one that may pass */
export function firstError(error: MediaError): StreamError | undefined {
  const name = error.cause instanceof Error ? error.cause.name : '';
  const message = error.cause instanceof Error ? error.cause.message : '';
  const kind = BEFORE_ALL.get(name) ?? (message === 'Region is missing' ? 'badRequest' : undefined);
  return kind === undefined ? lastingError(error) : new StreamError(kind, error.message, { cause: error });
}
