/** Whose a fragment is. One stream serves one call after another, so this is asked of every fragment. */
import type { Fragment } from '../matroska/fragment.ts';
import type { Recording } from './identity.ts';

/** The tag in which Connect says which contact a fragment is of. */
const CONTACT_ID_TAG = 'ContactId';

/**
 * - `ours`
 * - `before`: numbered below the recording's start
 * - `otherContact`: of another contact, numbered above the start: our call is over
 * - `nextRecording`: of our contact, but numbered at or above the start of its next recording
 * - `unknown`: untagged, and nothing says that it is ours
 */
export type Ownership = 'ours' | 'before' | 'otherContact' | 'nextRecording' | 'unknown';

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
 * @param nextStart start of the contact's next recording, where there is one
 * @param predecessor the fragment of ours that came right before, where there is one
 */
export function ownershipOf(
  fragment: Pick<Fragment, 'tags' | 'segmentUid'> & { readonly number: bigint },
  recording: Recording,
  nextStart: bigint | undefined,
  predecessor: Predecessor | undefined,
): Ownership {
  if (fragment.number < recording.startFragmentNumber) return 'before';
  const contactId = contactIdOf(fragment);
  if (fragment.number === recording.startFragmentNumber) {
    return contactId === undefined || contactId === recording.contactId ? 'ours' : 'unknown';
  }
  const sameSegment = fragment.segmentUid !== undefined && fragment.segmentUid === predecessor?.segmentUid;
  if (contactId !== undefined && contactId !== recording.contactId) return 'otherContact';
  if (contactId === undefined && !sameSegment) return 'unknown';
  return nextStart !== undefined && fragment.number >= nextStart ? 'nextRecording' : 'ours';
}
