/** One call's facts, for tests. */
import type { CallRecord } from '../../recording/call-record.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';

export const CONTACT_ID = '5b8d4f0a-31c7-4a3e-9a63-8f5c7d21e0ab';
/** A number like those that Kinesis Video Streams gives out: 47 digits. */
export const START_FRAGMENT_NUMBER = 91343852333181432392682062622581430834n * 10n ** 9n + 777_000_001n;
export const RECORDING: Recording = {
  contactId: CONTACT_ID,
  startFragmentNumber: START_FRAGMENT_NUMBER,
};
export const RECORDING_ID = recordingId(RECORDING);
export const INSTANCE_ARN =
  'arn:aws:connect:us-east-1:123456789012:instance/1f0a9a52-6b1e-4c5c-bf34-0d6a3c6f1d11';
export const STREAM_ARN =
  'arn:aws:kinesisvideo:us-east-1:123456789012:stream/acme-connect-acme-contact-7d3/1600000000000';
export const STATE_MACHINE_ARN = 'arn:aws:states:us-east-1:123456789012:stateMachine:callspool';
export const EXECUTION_ARN = `arn:aws:states:us-east-1:123456789012:execution:callspool:${RECORDING_ID}`;
export const STARTED_AT = '2026-03-14T09:26:53.589Z';

/** The call's record while it is recorded by that execution, or as the facts say. */
export function recordOf(executionArn: string, facts: Partial<CallRecord> = {}): CallRecord {
  return {
    contactId: CONTACT_ID,
    startFragmentNumber: START_FRAGMENT_NUMBER.toString(),
    recordingId: RECORDING_ID,
    status: 'RECORDING',
    executionArn,
    streamArn: STREAM_ARN,
    startedAt: STARTED_AT,
    day: STARTED_AT.slice(0, 10),
    instanceArn: INSTANCE_ARN,
    ...facts,
  };
}
