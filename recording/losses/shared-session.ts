/**
 * What becomes of a transferred contact's recording. Connect may hand such a contact the streaming session of the contact
 * before, whose audio that one's recording has, if it carries that one's name. What is not there, or gone, of the time
 * before the transfer is no loss of this contact's then; and that none carries its name is no fault of the deployment's.
 */
import type { CallRecord, EndReason, Loss, LossKind } from '../call-record.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** What is known of a contact, as far as its record can be read. */
export type Contact = Pick<CallRecord, 'contactId'> &
  Partial<
    Pick<
      CallRecord,
      | 'initialContactId'
      | 'previousContactId'
      | 'sharesStreamWith'
      | 'erasedBehind'
      | 'erasedBehindLive'
      | 'nextKnownFrom'
    >
  >;

/** A recording judged as if its session were its own. */
export interface Found {
  readonly verdict: Verdict;
  readonly losses: readonly Loss[];
  /** How much audio the WAV holds. */
  readonly frames: number;
  /** How many fragments of this contact the WAV is made of. */
  readonly fragments: number;
  readonly endReason: EndReason;
}

/** @param contact undefined where its record was lost */
export function ofSharedSession(
  found: Found,
  contact: Contact | undefined,
): Pick<Found, 'verdict' | 'losses'> {
  if (contact?.sharesStreamWith !== undefined) {
    const { verdict, losses } = withoutOthersLosses(found);
    if (verdict.status !== 'EMPTY') return { verdict, losses };
    return { verdict: { ...verdict, why: elsewhere(contact.sharesStreamWith) }, losses };
  }
  const { verdict, losses } = found;
  const before = contact && contactBefore(contact);
  if (verdict.status !== 'EMPTY' || before === undefined) return { verdict, losses };
  return { verdict: { ...verdict, why: `${verdict.why ?? ''}. ${afterTransfer(before)}` }, losses };
}

/**
 * The session began with the other recording's contact, so its start is that one's. Where nothing came but what carries
 * another contact's name, nothing that is missing was this contact's either.
 */
function withoutOthersLosses(found: Found): Pick<Found, 'verdict' | 'losses'> {
  const { verdict, frames, fragments, endReason } = found;
  const foreignAlone = fragments === 0 && endReason === 'NEXT_CONTACT';
  const others: readonly LossKind[] = foreignAlone
    ? ['START_MISSING', 'FRAGMENTS_MISSING']
    : ['START_MISSING'];
  const losses = found.losses.filter(({ kind }) => !others.includes(kind));
  if (losses.length === found.losses.length) return found;
  // Something else than a loss has settled it.
  if (verdict.why !== verdictOf(frames, found.losses).why) return found;
  return { verdict: verdictOf(frames, losses), losses };
}

function contactBefore({ contactId, previousContactId, initialContactId }: Contact): string | undefined {
  return [previousContactId, initialContactId].find((id) => id !== undefined && id !== contactId);
}

function elsewhere(recordingId: string): string {
  return (
    'no audio in the stream carries this contact’s id: it was transferred, and the streaming session had begun with the ' +
    `contact before. The call’s audio is in recording ${recordingId}, as far as it has any; nothing is wrong with ` +
    'streaming, retention or keys'
  );
}

function afterTransfer(contactId: string): string {
  return (
    `The contact was transferred from ${contactId}: where streaming had begun before, the audio carries that contact’s id; ` +
    'then invoke the connect function in the flow of the first contact, too, or start media streaming anew in this one’s'
  );
}
