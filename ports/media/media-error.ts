import { MediaError, type MediaErrorKind } from './media.ts';

/** What no retry can mend; every other error of the SDK, of the network too, is `unavailable`. */
const KINDS: ReadonlyMap<string, MediaErrorKind> = new Map([
  ['ResourceNotFoundException', 'noSuchStream'],
  ['NotAuthorizedException', 'accessDenied'],
  ['AccessDeniedException', 'accessDenied'],
  ['NoDataRetentionException', 'noRetention'],
]);

/** An error of the SDK or of a body, as a MediaError that says which operation failed, and how. */
export function mediaErrorOf(error: unknown, operation: string, kind?: MediaErrorKind): MediaError {
  if (error instanceof MediaError) return error;
  const name = error instanceof Error ? error.name : 'unknown';
  const message = error instanceof Error ? error.message : String(error);
  return new MediaError(
    kind ?? KINDS.get(name) ?? 'unavailable',
    `${operation} failed with ${name}: ${message}`,
    { cause: error },
  );
}

export function isInvalidArgument(error: unknown): error is Error {
  return error instanceof Error && error.name === 'InvalidArgumentException';
}
