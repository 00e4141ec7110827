/**
 * What becomes of a transferred contact's recording. Connect may hand such a contact the streaming session of the contact
 * before, whose audio that one's recording has, if it carries that one's name. What is not there, or gone, of the time
 * before the transfer is no loss of this contact's then; and that none carries its name is no fault of the deployment's.
 */
import type { CallRecord, Completion, LossKind } from '../call-record.ts';
import { verdictOf } from './verdict.ts';

/** What of the record is asked, as far as it can be read. */
type Contacts = Pick<CallRecord, 'contactId'> &
  Partial<Pick<CallRecord, 'initialContactId' | 'previousContactId' | 'sharesStreamWith'>>;

/** @param call what is known of the contact; undefined where its record was lost */
export function ofSharedSession(completion: Completion, call: Contacts | undefined): Completion {
  if (call?.sharesStreamWith !== undefined) {
    const judged = withoutOthersLosses(completion);
    return judged.status === 'EMPTY' ? { ...judged, why: elsewhere(call.sharesStreamWith) } : judged;
  }
  const before = call && contactBefore(call);
  if (completion.status !== 'EMPTY' || before === undefined) return completion;
  return { ...completion, why: `${completion.why ?? ''}. ${afterTransfer(before)}` };
}

/**
 * The session began with the other recording's contact, so its start is that one's. Where nothing came but what carries
 * another contact's name, nothing that is missing was this contact's either.
 */
function withoutOthersLosses(completion: Completion): Completion {
  const { audio, endReason, media } = completion;
  const foreignAlone = media.fragments === 0 && endReason === 'NEXT_CONTACT';
  const others: readonly LossKind[] = foreignAlone
    ? ['START_MISSING', 'FRAGMENTS_MISSING']
    : ['START_MISSING'];
  const losses = completion.losses.filter(({ kind }) => !others.includes(kind));
  if (losses.length === completion.losses.length) return completion;
  const frames = audio?.frames ?? 0;
  // Something else than a loss has settled it.
  if (completion.why !== verdictOf(frames, completion.losses).why) return completion;
  const verdict = verdictOf(frames, losses);
  const judged: { -readonly [Name in keyof Completion]: Completion[Name] } = {
    ...completion,
    losses,
    ...verdict,
  };
  if (verdict.why === undefined) delete judged.why;
  return judged;
}

function contactBefore({ contactId, previousContactId, initialContactId }: Contacts): string | undefined {
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
