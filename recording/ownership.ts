/**
 * Decides whose a fragment is. One stream serves one call after another, so this is asked of every fragment, by the same rule
 * wherever fragments come from.
 *
 * What a fragment says by itself ({@link statedOwnerOf}) settles it, but for one without a ContactId. That one is judged by
 * its neighbours ({@link OwnershipJudge}): it is as the one before it if the SegmentUID is the same, and what lies
 * between two of ours is ours.
 */
import { byteLengthOf, type Fragment, type NumberedFragment } from '../matroska/fragment.ts';
import type { Recording } from './identity.ts';
import { isBehind, lastNamedBy, type RecordingRange } from './range.ts';

/** The tag in which Connect says which contact a fragment is of. */
const CONTACT_ID_TAG = 'ContactId';

/**
 * - `before`, `behind`: numbered outside the recording's range, whosever it is
 * - `ours`: of our contact, or one that Connect itself names as the session's first or last
 * - `otherContact`
 * - `untagged`: it doesn't say
 */
export type StatedOwner = 'before' | 'behind' | 'ours' | 'otherContact' | 'untagged';

/** `unknown`: it doesn't say, and its neighbours don't either; it is not taken for ours. */
export type Ownership = Exclude<StatedOwner, 'untagged'> | 'unknown';

/** A fragment of the recording: numbered, and ours. */
export type OwnFragment = NumberedFragment;

type NumberedTags = Pick<Fragment, 'tags'> & { readonly number: bigint };

export function contactIdOf(fragment: Pick<Fragment, 'tags'>): string | undefined {
  const contactId = fragment.tags.get(CONTACT_ID_TAG);
  return contactId === '' ? undefined : contactId;
}

/** What a fragment says by itself. Another contact's voice is never ours, whatever Connect says of its number. */
export function statedOwnerOf(
  fragment: NumberedTags,
  { contactId }: Pick<Recording, 'contactId'>,
  range: RecordingRange,
): StatedOwner {
  const { number } = fragment;
  if (number < range.start) return 'before';
  if (isBehind(range, number)) return 'behind';
  const claimed = contactIdOf(fragment);
  if (claimed !== undefined) return isSameContact(claimed, contactId) ? 'ours' : 'otherContact';
  return number === range.start || number === lastNamedBy(range) ? 'ours' : 'untagged';
}

/** Ids are UUIDs, of which case says nothing. */
function isSameContact(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

/** A fragment, and what its bearer wants to have back with the judgement. */
export interface Candidate {
  readonly fragment: Pick<Fragment, 'tags' | 'segmentUid' | 'pieces'> & { readonly number: bigint };
}

export interface Judged<C extends Candidate> {
  readonly candidate: C;
  readonly owner: Ownership;
}

/** The last fragment of ours that went before, as far as it is known. */
export interface Predecessor {
  readonly segmentUid: string | undefined;
}

/** Fragments whose numbers are known, and that are left out, though they lie between two of ours. */
export interface LeftOut {
  readonly first: bigint;
  readonly last: bigint;
}

/** Fragments that wait for their judgement: about as much as a stream without retention keeps. */
export const UNDECIDED_MAX = 256;
const UNDECIDED_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Judges fragments in order of number. One without a ContactId may have to wait for what follows it; so what is given
 * is handed back later, in the same order, each with its owner.
 */
export class OwnershipJudge<C extends Candidate> {
  readonly #recording: Recording;
  /** The fragment before those that wait: whose it was. Undefined before the first, and then the range's start is ours. */
  #before: { readonly owner: 'ours' | 'otherContact'; readonly segmentUid: string | undefined } | undefined;
  /** The SegmentUID of the last fragment of ours. */
  #oursUid: string | undefined;
  #undecided: C[] = [];
  #undecidedBytes = 0;
  #passedOver: LeftOut | undefined;
  #leftOut: LeftOut | undefined;
  /** Not taken for ours, since another contact's came behind them; by their Segment, until one of ours comes. */
  readonly #refused = new Map<string, LeftOut>();

  constructor(recording: Recording, previous?: Predecessor) {
    this.#recording = recording;
    if (previous) this.#remember('ours', previous.segmentUid);
  }

  /** How many wait. */
  get undecided(): number {
    return this.#undecided.length;
  }

  /** The last fragment was ours. */
  get isAfterOurs(): boolean {
    return this.#before?.owner === 'ours' && this.#undecided.length === 0;
  }

  /** Takes the next one. @returns those that are judged now, in order. */
  add(candidate: C, range: RecordingRange): Judged<C>[] {
    const { fragment } = candidate;
    switch (statedOwnerOf(fragment, this.#recording, range)) {
      case 'before':
        return [{ candidate, owner: 'before' }];
      case 'behind':
        return [...this.finish(range), { candidate, owner: 'behind' }];
      case 'ours':
        return this.#ours(candidate);
      case 'otherContact':
        return this.#otherContact(candidate);
      case 'untagged':
        return this.#untagged(candidate);
    }
  }

  /** A fragment of ours went by that nobody has to judge any more. @returns those that are judged by it */
  passOurs(segmentUid: string | undefined): Judged<C>[] {
    const judged = this.#releaseBefore('ours', segmentUid);
    if (segmentUid !== undefined) this.#leftOut ??= this.#refused.get(segmentUid);
    this.#refused.clear();
    this.#remember('ours', segmentUid);
    return judged;
  }

  /** Tells the SegmentUID of the last fragment of ours, which went by without one. */
  learnUid(segmentUid: string | undefined): void {
    this.#oursUid ??= segmentUid;
  }

  /**
   * Nothing follows that could tell: those that wait are not taken for ours, unless it is known up to which fragment the
   * session was ours.
   */
  finish({ endedBy, endBefore }: RecordingRange): Judged<C>[] {
    const isKnown = endedBy === 'STREAMING_STOPPED' && this.#before?.owner !== 'otherContact';
    return this.#release(({ fragment: { number } }) =>
      isKnown && endBefore !== undefined && number < endBefore ? 'ours' : 'unknown',
    );
  }

  /** Takes those that were not taken for ours, or could not wait any longer, once it shows that they were. */
  takeLeftOut(): LeftOut | undefined {
    const leftOut = this.#leftOut;
    this.#leftOut = undefined;
    return leftOut;
  }

  #ours(candidate: C): Judged<C>[] {
    return [...this.passOurs(candidate.fragment.segmentUid), { candidate, owner: 'ours' }];
  }

  #otherContact(candidate: C): Judged<C>[] {
    const { segmentUid } = candidate.fragment;
    const judged = this.#releaseBefore('otherContact', segmentUid);
    for (const { candidate, owner } of judged) if (owner === 'unknown') this.#refuse(candidate.fragment);
    this.#remember('otherContact', segmentUid);
    return [...judged, { candidate, owner: 'otherContact' }];
  }

  #untagged(candidate: C): Judged<C>[] {
    const { segmentUid } = candidate.fragment;
    const isOf = (uid: string | undefined) => uid !== undefined && uid === segmentUid;
    if (this.#before?.owner === 'otherContact' && isOf(this.#before.segmentUid))
      return this.#otherContact(candidate);
    if (isOf(this.#oursUid)) return this.#ours(candidate);
    this.#undecided.push(candidate);
    this.#undecidedBytes += byteLengthOf(candidate.fragment);
    return this.#makeRoom();
  }

  #refuse({ number, segmentUid }: Candidate['fragment']): void {
    if (segmentUid === undefined) return;
    const { first = number } = this.#refused.get(segmentUid) ?? {};
    this.#refused.set(segmentUid, { first, last: number });
  }

  /** Judges those that wait: they lie between what went before them and a fragment of this owner. */
  #releaseBefore(owner: 'ours' | 'otherContact', segmentUid: string | undefined): Judged<C>[] {
    const isBetweenOurs = owner === 'ours' && this.#before?.owner !== 'otherContact';
    if (isBetweenOurs) this.#leftOut ??= this.#passedOver;
    this.#passedOver = undefined;
    return this.#release((candidate) => {
      const isSame = segmentUid !== undefined && candidate.fragment.segmentUid === segmentUid;
      if (isBetweenOurs) return 'ours';
      return isSame ? owner : 'unknown';
    });
  }

  #release(ownerOf: (candidate: C) => Ownership): Judged<C>[] {
    const judged = this.#undecided.map((candidate) => ({ candidate, owner: ownerOf(candidate) }));
    this.#undecided = [];
    this.#undecidedBytes = 0;
    return judged;
  }

  /** The oldest go when too many wait: they may be another contact's, so that they can't be kept. */
  #makeRoom(): Judged<C>[] {
    const judged: Judged<C>[] = [];
    while (this.#undecided.length > UNDECIDED_MAX || this.#undecidedBytes > UNDECIDED_BYTES_MAX) {
      const candidate = this.#undecided.shift();
      if (!candidate) break;
      const { fragment } = candidate;
      this.#undecidedBytes -= byteLengthOf(fragment);
      this.#passedOver = { first: this.#passedOver?.first ?? fragment.number, last: fragment.number };
      judged.push({ candidate, owner: 'unknown' });
    }
    return judged;
  }

  #remember(owner: 'ours' | 'otherContact', segmentUid: string | undefined): void {
    this.#before = { owner, segmentUid };
    if (owner === 'ours') this.#oursUid = segmentUid;
  }
}
