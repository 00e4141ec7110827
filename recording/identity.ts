/**
 * What a recording is called. One recording is one media-streaming session of one contact: the contact's id
 * and the number of the fragment that the session starts with.
 */
import { RecordingError } from './errors.ts';
import { parseFragmentNumber } from './fragment-number.ts';

export interface Recording {
  /** Connect's contact id: a UUID, 36 characters. */
  readonly contactId: string;
  /** The first fragment of the session (Connect's `StartFragmentNumber`); about 47 digits. */
  readonly startFragmentNumber: bigint;
}

/** Letters, digits and hyphens alone, so that an id can stand in an S3 key, a file name and an execution's name. */
const CONTACT_ID = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,34}[A-Za-z0-9])?$/;
const RECORDING_ID = /^([A-Za-z0-9-]{1,36})_([0-9a-z]{1,40})$/;

export function isContactId(text: string): boolean {
  return CONTACT_ID.test(text);
}

/** @throws RecordingError when the text can't be a contact id. */
export function parseContactId(text: string): string {
  if (isContactId(text)) return text;
  throw new RecordingError(
    'a contact id is 1 to 36 letters, digits and hyphens (Connect gives a UUID)',
    `got ${text.length} characters that are not`,
  );
}

/** @throws RecordingError when either part is malformed. */
export function parseRecording(contactId: string, startFragmentNumber: string): Recording {
  return {
    contactId: parseContactId(contactId),
    startFragmentNumber: parseFragmentNumber(startFragmentNumber),
  };
}

/**
 * `<contactId>_<start fragment number in base 36>`: 68 characters for Connect's ids. It is the checkpoint's key
 * and the name of the recording's execution (at most 80 characters, see `StartExecution`).
 */
export function recordingId(recording: Recording): string {
  return `${recording.contactId}_${recording.startFragmentNumber.toString(36)}`;
}

/** The reverse of {@link recordingId}. @throws RecordingError when the text is none. */
export function parseRecordingId(text: string): Recording {
  const [, contactId, digits] = RECORDING_ID.exec(text) ?? [];
  if (contactId === undefined || digits === undefined) {
    throw new RecordingError('a recording id is <contactId>_<start fragment number in base 36>');
  }
  let startFragmentNumber = 0n;
  for (const digit of digits) startFragmentNumber = startFragmentNumber * 36n + BigInt(parseInt(digit, 36));
  return { contactId: parseContactId(contactId), startFragmentNumber };
}

/** The name of a recording's execution; the nth resumption by hand (n ≥ 1) has a name of its own. */
export function executionName(recording: Recording, resumption = 0): string {
  return resumption === 0 ? recordingId(recording) : `${recordingId(recording)}-r${String(resumption)}`;
}
