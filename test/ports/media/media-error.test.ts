/** Whatever goes wrong with a stream becomes one kind of error, which says what it was and whether another try may help. */
import { expect, it } from 'vitest';
import { MediaError } from '../../../ports/media/media.ts';
import { isInvalidArgument, mediaErrorOf } from '../../../ports/media/media-error.ts';
import { kindOfStreamError } from '../../../ports/media/stream-errors.ts';

const named = (name: string) => Object.assign(new Error('as told'), { name });

it.each([
  ['ResourceNotFoundException', 'noSuchStream'],
  ['NotAuthorizedException', 'accessDenied'],
  ['AccessDeniedException', 'accessDenied'],
  ['NoDataRetentionException', 'noRetention'],
  ['TimeoutError', 'unavailable'],
])('%s is %s, and says which operation failed', (name, kind) => {
  const cause = named(name);
  expect(mediaErrorOf(cause, 'GetMedia')).toMatchObject({
    kind,
    message: `GetMedia failed with ${name}: as told`,
    cause,
  });
});

it('is of the kind that whoever asked knows better', () => {
  expect(mediaErrorOf(named('AccessDeniedException'), 'GetMedia', 'positionUnknown').kind).toBe(
    'positionUnknown',
  );
});

it('stays what it is when it is one already', () => {
  const error = new MediaError('keyUnavailable', 'as told');
  expect(mediaErrorOf(error, 'GetMedia', 'unavailable')).toBe(error);
});

it('may come of what is no error', () => {
  expect(mediaErrorOf('nonsense', 'GetMedia')).toMatchObject({
    kind: 'unavailable',
    message: 'GetMedia failed with unknown: nonsense',
  });
});

it('tells an argument that the service doesn’t take by its name', () => {
  expect(isInvalidArgument(named('InvalidArgumentException'))).toBe(true);
  expect(isInvalidArgument(named('ClientLimitExceededException'))).toBe(false);
  expect(isInvalidArgument({ name: 'InvalidArgumentException' })).toBe(false);
});

it('is tried again where a body reports what nobody knows', () => {
  expect(kindOfStreamError(9_999)).toBe('unavailable');
  expect(kindOfStreamError(4_000)).toBe('positionUnknown');
});
