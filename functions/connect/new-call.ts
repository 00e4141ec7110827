/** Makes the call's record and its execution's input of what Connect says of a contact. */
import type { ExecutionInput } from '../../contract/workflow.ts';
import { utcDay } from '../../recording/audio/files/keys.ts';
import type { ConnectResource, LiveChoice, NewCall } from '../../recording/call-record.ts';
import { parseRecording, type Recording, recordingId } from '../../recording/identity.ts';
import type { ContactData, MediaStream } from './event.ts';

/** What a deployment keeps of its callers. */
export interface Keeping {
  readonly phoneNumbers: boolean;
  readonly attributes: boolean;
}

export interface CallStart {
  readonly recording: Recording;
  readonly call: Omit<NewCall, 'executionArn'>;
  /** The same for every invocation of the same recording: StartExecution is only idempotent then. */
  readonly input: ExecutionInput;
}

/** What is known of a call when it is to be started. */
export interface StartFacts {
  readonly contact: ContactData;
  readonly stream: MediaStream;
  readonly instanceArn: string;
  readonly live: LiveChoice;
  /** The recording of an earlier contact with the same streaming session. */
  readonly earlier?: Pick<NewCall, 'recordingId'> | undefined;
}

export function callStart(facts: StartFacts, keep: Keeping): CallStart {
  const { contact, stream, instanceArn, live, earlier } = facts;
  const recording = parseRecording(contact.ContactId, stream.startFragmentNumber);
  const input: ExecutionInput = {
    recordingId: recordingId(recording),
    contactId: recording.contactId,
    // Without leading zeros.
    startFragmentNumber: recording.startFragmentNumber.toString(),
    streamArn: stream.streamArn,
    startedAt: stream.startedAt.toISOString(),
    instanceArn,
    live,
  };
  const call = {
    ...input,
    status: 'RECORDING',
    day: utcDay(stream.startedAt),
    ...present({
      stopFragmentNumber: stream.stopFragmentNumber,
      sharesStreamWith: earlier?.recordingId,
      channel: contact.Channel,
      initiationMethod: contact.InitiationMethod,
      initialContactId: contact.InitialContactId,
      previousContactId: contact.PreviousContactId,
    }),
    ...(keep.phoneNumbers &&
      present({
        customerNumber: callersNumber(contact.CustomerEndpoint?.Address),
        systemNumber: contact.SystemEndpoint?.Address,
      })),
    ...queueOf(contact.Queue),
    ...(keep.attributes && attributesOf(contact.Attributes)),
  } as const;
  return { recording, call, input };
}

function attributesOf(attributes: ContactData['Attributes']) {
  return attributes && Object.keys(attributes).length > 0 ? { attributes } : {};
}

function queueOf(queue: ContactData['Queue']): { queue?: ConnectResource } {
  const facts = present({ arn: queue?.ARN, name: queue?.Name });
  return Object.keys(facts).length === 0 ? {} : { queue: facts };
}

/** What carriers and Connect put where a caller withholds the number; the last is "anonymous" on a telephone's keys. */
const WITHHELD = new Set(['anonymous', 'unknown', 'restricted', 'private', 'unavailable', '+266696687']);

/** An anonymous caller has no number, so that the index by customer holds none of them. */
function callersNumber(address: string | null | undefined): string | undefined {
  return address && !WITHHELD.has(address.toLowerCase()) ? address : undefined;
}

/** Leaves out what isn't known: null, undefined and empty. */
function present<Name extends string>(
  values: Readonly<Record<Name, string | null | undefined>>,
): Partial<Record<Name, string>> {
  const known: Partial<Record<Name, string>> = {};
  for (const name in values) {
    const value = values[name];
    if (value) known[name] = value;
  }
  return known;
}
