/** A call as people name it: by its contact's id, or by a recording's. */
import { wholeCall } from '../../ports/calls/call-item.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import { RecordingError } from '../../recording/errors.ts';
import { isContactId, parseRecordingId, type Recording } from '../../recording/identity.ts';
import type { Access } from '../access/access.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import { time } from '../terminal/terminal.ts';

export type CallId =
  | { readonly kind: 'contact'; readonly contactId: string }
  | { readonly kind: 'recording'; readonly recording: Recording };

/** @throws CliError */
export function parseCallId(text: string): CallId {
  if (isContactId(text)) return { kind: 'contact', contactId: text };
  try {
    return { kind: 'recording', recording: parseRecordingId(text) };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new CliError(
      EXIT.usage,
      'that is neither a contact id nor a recording id',
      'calls list shows contact ids; a recording id is <contact id>_<letters and digits>',
    );
  }
}

/** All that have been recorded of it, in order. @throws CliError when there is none */
export async function callsOf(access: Access, text: string): Promise<CallRecord[]> {
  const id = parseCallId(text);
  const calls =
    id.kind === 'contact'
      ? (await access.calls.ofContact(id.contactId)).map(wholeCall)
      : [await access.calls.get(id.recording)].filter((call) => call !== undefined);
  if (calls.length > 0) return calls;
  throw new CliError(
    EXIT.notFound,
    `no call ${text} in ${access.where}`,
    `${hintFor(text)}${access.whereElse}`,
  );
}

/** Connect's contact ids are UUIDs. */
const CONTACT_ID_LENGTH = 36;

function hintFor(text: string): string {
  return /^[0-9a-f-]+$/i.test(text) && text.length < CONTACT_ID_LENGTH
    ? `give the whole id, all ${CONTACT_ID_LENGTH} characters; calls list shows it. `
    : 'calls list shows what there is. ';
}

/** The one recording that is meant. @throws CliError when there is none, or several */
export async function oneCall(access: Access, text: string): Promise<CallRecord> {
  const [call, ...others] = await callsOf(access, text);
  if (call !== undefined && others.length === 0) return call;
  const choices = [call, ...others].flatMap((one) =>
    one === undefined ? [] : `  ${one.recordingId}  ${time(one.startedAt)} UTC  ${one.status}`,
  );
  throw new CliError(
    EXIT.usage,
    `contact ${text} has ${choices.length} recordings; name one of them:\n${choices.join('\n')}`,
  );
}
