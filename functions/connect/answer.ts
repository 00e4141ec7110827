/**
 * What the contact flow gets: a flat map of strings, always with the same keys, so that a flow may refer to any of
 * them (`$.External.recording`). Connect takes letters, digits, hyphens and underscores in keys, and 32 KB.
 *
 * - `STARTED`: the recording has begun
 * - `ALREADY_STARTED`: an earlier invocation had begun it
 * - `ERASED`: an earlier invocation had begun it, and somebody has erased it since: it is not begun again
 * - `NO_MEDIA_STREAM`: nothing to record: "Start media streaming" is missing before this block, or took its error branch
 * - `NOT_A_CALL`: nothing to record, ever: the contact is a chat, a task or an e-mail
 * - `WRONG_INSTANCE`: the contact is of another Connect instance than the one configured
 * - `INVALID_EVENT`: the event isn't one that a contact flow sends
 * - `START_FAILED`: not recorded, though it should be; the call record says why. Invoking again tries again
 */
export const START_STATUSES = [
  'STARTED',
  'ALREADY_STARTED',
  'ERASED',
  'NO_MEDIA_STREAM',
  'NOT_A_CALL',
  'WRONG_INSTANCE',
  'INVALID_EVENT',
  'START_FAILED',
] as const;
export type StartStatus = (typeof START_STATUSES)[number];

/** A value that isn't known is empty. */
export type Answer = Readonly<{
  status: StartStatus;
  /** `true` where the call is being recorded, or has been: what most flows want to branch on. */
  recording: 'true' | 'false';
  contactId: string;
  recordingId: string;
  /** What happened, in words for people. */
  message: string;
}>;

const MESSAGES: Readonly<Record<StartStatus, string>> = {
  STARTED: 'The recording has been started',
  ALREADY_STARTED: 'The recording had been started before',
  ERASED: 'The recording has been erased, and is not begun again',
  NO_MEDIA_STREAM: 'Media streaming has not been started: put a Start media streaming block before this one',
  NOT_A_CALL: 'The contact is no voice call: there is no audio that could be recorded',
  WRONG_INSTANCE: 'This deployment records the calls of another Connect instance',
  INVALID_EVENT: 'The event is not one that a contact flow sends; the log of the connect function says why',
  START_FAILED: 'The recording could not be started; the call record says why',
};

export function answer(
  status: StartStatus,
  identity: { readonly contactId?: string; readonly recordingId?: string } = {},
): Answer {
  return {
    status,
    recording: status === 'STARTED' || status === 'ALREADY_STARTED' ? 'true' : 'false',
    contactId: identity.contactId ?? '',
    recordingId: identity.recordingId ?? '',
    message: MESSAGES[status],
  };
}
