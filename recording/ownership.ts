/** Whose a fragment is. One stream serves one call after another, so this is asked of every fragment. */
import type { Fragment } from '../matroska/fragment.ts';
import type { Recording } from './identity.ts';
import { isBehind, type RecordingRange } from './range.ts';

/** The tag in which Connect says which contact a fragment is of. */
const CONTACT_ID_TAG = 'ContactId';

/**
 * - `ours`
 * - `before`: numbered below the recording's start
 * - `behind`: numbered behind the recording's range, whosever it is
 * - `otherContact`: of another contact, within the range
 * - `unknown`: untagged, and nothing says that it is ours
 */
export type Ownership = 'ours' | 'before' | 'behind' | 'otherContact' | 'unknown';

/** What an untagged fragment is judged by: the fragment accepted before it. */
export interface Predecessor {
  readonly segmentUid: string | undefined;
}

export function contactIdOf(fragment: Pick<Fragment, 'tags'>): string | undefined {
  const contactId = fragment.tags.get(CONTACT_ID_TAG);
  return contactId === '' ? undefined : contactId;
}

/**
 * By the ContactId tag of the whole fragment; where it is missing: as the fragment before it if the SegmentUID is
 * the same (also across a resumption), else not ours. The start fragment is ours even if untagged, but never another
 * contact's voice.
 *
 * @param predecessor the fragment of ours that came right before, where there is one
 */
export function ownershipOf(
  fragment: Pick<Fragment, 'tags' | 'segmentUid'> & { readonly number: bigint },
  recording: Recording,
  range: RecordingRange,
  predecessor: Predecessor | undefined,
): Ownership {
  if (fragment.number < range.start) return 'before';
  if (isBehind(range, fragment.number)) return 'behind';
  const contactId = contactIdOf(fragment);
  if (fragment.number === range.start) {
    return contactId === undefined || contactId === recording.contactId ? 'ours' : 'unknown';
  }
  const sameSegment = fragment.segmentUid !== undefined && fragment.segmentUid === predecessor?.segmentUid;
  if (contactId !== undefined && contactId !== recording.contactId) return 'otherContact';
  return contactId === undefined && !sameSegment ? 'unknown' : 'ours';
}
