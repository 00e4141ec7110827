/** Which fragments of a stream are to be heard: all of them, or one contact's, and when that one's are over. */
import type { NumberedFragment } from '../../matroska/fragment.ts';
import { type Candidate, contactIdOf, type Judged, OwnershipJudge } from '../../recording/ownership.ts';
import { rangeFrom } from '../../recording/range.ts';

/** Another contact's fragments for so long, by the stream's own clock, or quiet behind them: the contact is over. */
const FOREIGN_MS = 10_000;

interface Ours {
  /** Takes the next fragment. @returns those that are known now to be ours, in order */
  take(fragment: NumberedFragment): NumberedFragment[];
  /** Nothing follows. */
  rest(): NumberedFragment[];
  /** Another contact has had the stream since, for long enough. @param quietMs nothing has come for so long */
  isOver(quietMs: number): boolean;
}

export const ALL: Ours = { take: (fragment) => [fragment], rest: () => [], isOver: () => false };

/** @param start the first fragment's number, which is the contact's even if it doesn't say so */
export function oursOf(contactId: string, start: bigint | undefined): Ours {
  return new OfContact(contactId, start);
}

class OfContact implements Ours {
  readonly #contactId: string;
  #start: bigint | undefined;
  #judge: OwnershipJudge<Candidate & { readonly fragment: NumberedFragment }> | undefined;
  #foreignSinceMs: number | undefined;
  #foreignMs = 0;

  constructor(contactId: string, start: bigint | undefined) {
    this.#contactId = contactId;
    this.#start = start;
  }

  take(fragment: NumberedFragment): NumberedFragment[] {
    // Where no start is known, the first fragment that says that it is the contact's is it.
    if (this.#start === undefined && contactIdOf(fragment)?.toLowerCase() === this.#contactId.toLowerCase())
      this.#start = fragment.number;
    if (this.#start === undefined) return [];
    const recording = { contactId: this.#contactId, startFragmentNumber: this.#start };
    this.#judge ??= new OwnershipJudge(recording);
    const judged = this.#judge.add({ fragment }, rangeFrom(recording));
    for (const one of judged) this.#note(one);
    return judged.filter(({ owner }) => owner === 'ours').map(({ candidate }) => candidate.fragment);
  }

  rest(): NumberedFragment[] {
    const range = rangeFrom({ contactId: this.#contactId, startFragmentNumber: this.#start ?? 0n });
    const judged = this.#judge?.finish(range) ?? [];
    return judged.filter(({ owner }) => owner === 'ours').map(({ candidate }) => candidate.fragment);
  }

  isOver(quietMs: number): boolean {
    return this.#foreignSinceMs !== undefined && Math.max(quietMs, this.#foreignMs) >= FOREIGN_MS;
  }

  #note({
    owner,
    candidate: { fragment },
  }: Judged<Candidate & { readonly fragment: NumberedFragment }>): void {
    if (owner === 'ours') {
      this.#foreignSinceMs = undefined;
      this.#foreignMs = 0;
    } else if (owner === 'otherContact') {
      const atMs = fragment.serverTimestampMs ?? this.#foreignSinceMs ?? 0;
      this.#foreignSinceMs ??= atMs;
      this.#foreignMs = atMs - this.#foreignSinceMs;
    }
  }
}
