/** One call, as the stream will hold it: its own fragments, and what lies before and after them. */
import { FragmentReader } from '../../matroska/reader.ts';
import { lengthMsOf } from '../../recording/audio/pcm.ts';
import { isContactId } from '../../recording/identity.ts';
import type { DumpFragment } from '../standins/kinesis-video/dump.ts';
import type { StoredFragment } from '../standins/kinesis-video/stream.ts';

export interface LocalCall {
  readonly contactId: string;
  readonly startFragmentNumber: bigint;
  /** Epoch ms by the server's clock: what Connect gives as StartTimestamp. */
  readonly startedAtMs: number;
  /** What is in the stream before the call begins. */
  readonly earlier: readonly StoredFragment[];
  /** The fragments from the call's first to its last, in order; never empty. */
  readonly own: readonly StoredFragment[];
  /** What comes into the stream once the call is over. */
  readonly later: readonly StoredFragment[];
}

/** When the input can't be used: bad, empty, or without the contact. `message` is one line that says what to do. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/**
 * @param contactId whose call; without it, that of the first contact in the dump
 * @throws InputError when the dump doesn't hold it
 */
export function callInDump(fragments: readonly DumpFragment[], contactId?: string): LocalCall {
  const contacts = new Set(fragments.flatMap((fragment) => fragment.contactId ?? []));
  const [first] = contacts;
  const wanted = contactId ?? first;
  if (wanted === undefined) {
    throw new InputError(
      'no fragment in the file carries a ContactId tag, so there is no call of Amazon Connect in it',
    );
  }
  if (!contacts.has(wanted)) {
    const others = contacts.size === 0 ? 'none' : [...contacts].join(', ');
    throw new InputError(`the file holds no call of contact ${wanted}; the contacts in it are: ${others}`);
  }
  if (!isContactId(wanted)) throw new InputError('the ContactId tags in the file are not Amazon Connect’s');
  const from = fragments.findIndex((fragment) => fragment.contactId === wanted);
  // When another contact has had the stream, what comes of this one is of another recording.
  const end = fragments.findIndex(({ contactId: other }, index) => {
    return index > from && other !== undefined && other !== wanted;
  });
  const upToEnd = end < 0 ? fragments : fragments.slice(0, end);
  const to = upToEnd.findLastIndex((fragment) => fragment.contactId === wanted) + 1;
  return callOf(wanted, fragments.slice(0, from), fragments.slice(from, to), fragments.slice(to));
}

/** @param own in order of number; at least one */
export function callOf(
  contactId: string,
  earlier: readonly StoredFragment[],
  own: readonly StoredFragment[],
  later: readonly StoredFragment[],
): LocalCall {
  const [first] = own;
  if (first === undefined) throw new InputError('there is no audio in the file');
  return {
    contactId,
    startFragmentNumber: first.number,
    startedAtMs: first.serverTimestampMs,
    earlier,
    own,
    later,
  };
}

/** How much audio the call's fragments hold, from its first up to each of them: ms, as the recorder counts it. */
export function mediaMsUpToEach({ own }: LocalCall): number[] {
  let totalMs = 0;
  return own.map(({ document }) => {
    const reader = new FragmentReader();
    reader.push(document);
    const fragment = reader.next() ?? reader.finish();
    if (fragment) totalMs += lengthMsOf(fragment);
    return totalMs;
  });
}
