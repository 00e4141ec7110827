/** Errors that Kinesis Video Streams reports inside a body: which are worth a retry, which not. */
import type { MediaErrorKind } from './media.ts';

/** GetMedia API reference, "errors in the stream"; 3000 is "fragment not found" in archived media. */
const KINDS: ReadonlyMap<number, MediaErrorKind> = new Map([
  [3000, 'positionUnknown'],
  [3002, 'unavailable'],
  [4000, 'positionUnknown'],
  [4500, 'accessDenied'],
  [4501, 'keyUnavailable'],
  [4502, 'keyUnavailable'],
  [4503, 'unavailable'],
  [4504, 'keyUnavailable'],
  [4505, 'keyUnavailable'],
  [4506, 'keyUnavailable'],
  [5000, 'unavailable'],
]);

/** An error that isn't known is tried again. */
export function kindOfStreamError(id: number): MediaErrorKind {
  return KINDS.get(id) ?? 'unavailable';
}
