/**
 * The streaming session that a contact comes with. A transferred contact has an id of its own, and its flow may be handed the
 * session that was begun before the transfer: its start fragment is then one that has been recorded already.
 *
 * Connect doesn't say whose name the audio carries after the transfer. So the contact is recorded all the same: where the
 * audio carries its name, nobody else would record it. Where it carries the first contact's, this recording comes out
 * empty, and its record names the one that has the audio.
 */
import type { Calls } from '../../ports/calls/calls.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import { within } from '../../ports/runtime/within.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import { parseFragmentNumber } from '../../recording/fragment-number.ts';
import { parseRecording, type Recording } from '../../recording/identity.ts';
import type { ContactData, MediaStream } from './event.ts';

export interface SessionDeps {
  readonly calls: Calls;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** The caller hears nothing meanwhile; the start has two seconds of its own. */
const LOOK_MS_MAX = 300;
const NOTE_MS_MAX = 1_000;

/** @returns the recording of an earlier contact of the same call that has this session; the first of them. Never rejects. */
export async function earlierRecording(
  deps: SessionDeps,
  contact: ContactData,
  { streamArn, startFragmentNumber }: MediaStream,
): Promise<CallRecord | undefined> {
  const looks = earlierContacts(contact).map(async (contactId) => {
    const call = await attempt(deps, LOOK_MS_MAX, contact.ContactId, () =>
      deps.calls.get(parseRecording(contactId, startFragmentNumber)),
    );
    return call?.streamArn === streamArn ? call : undefined;
  });
  return (await Promise.all(looks)).find((call) => call !== undefined);
}

/** The call's first contact, then the one before this. */
function earlierContacts({ ContactId, InitialContactId, PreviousContactId }: ContactData): string[] {
  const ids = [InitialContactId, PreviousContactId].flatMap((id) => (id && id !== ContactId ? [id] : []));
  return [...new Set(ids)];
}

/** The session's last fragment, also where the record has been written by an earlier invocation. Never rejects. */
export async function noteStop(
  deps: SessionDeps,
  recordings: readonly Recording[],
  { stopFragmentNumber }: MediaStream,
): Promise<void> {
  if (stopFragmentNumber === undefined) return;
  const stop = parseFragmentNumber(stopFragmentNumber);
  await Promise.all(
    recordings.map((recording) =>
      attempt(deps, NOTE_MS_MAX, recording.contactId, () => deps.calls.streamingStopped(recording, stop)),
    ),
  );
}

/** Whatever happens here is no reason not to record the call. */
async function attempt<T>(
  { clock, telemetry }: SessionDeps,
  ms: number,
  contactId: string,
  run: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await within(clock, ms, 'The calls table', run);
  } catch (error) {
    telemetry.error('What the calls table knows of the streaming session is left out', error, { contactId });
    return undefined;
  }
}
