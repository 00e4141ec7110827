/** The event of Connect's "Invoke AWS Lambda function" block, for tests. */
import { CONTACT_ID, INSTANCE_ARN, START_FRAGMENT_NUMBER, STARTED_AT, STREAM_ARN } from './call.ts';

export const CUSTOMER_NUMBER = '+15550100';
export const SYSTEM_NUMBER = '+15550199';
export const QUEUE = { ARN: `${INSTANCE_ARN}/queue/7d2f`, Name: 'Support' };

type Fields = Readonly<Record<string, unknown>>;

/** Streaming goes on. */
const AUDIO = {
  StreamARN: STREAM_ARN,
  StartTimestamp: String(Date.parse(STARTED_AT)),
  StartFragmentNumber: START_FRAGMENT_NUMBER.toString(),
};

/** @param contact in place of the contact's own fields; @param audio in place of the media stream's. */
export function flowEvent(contact: Fields = {}, audio: Fields | null = {}) {
  return {
    Name: 'ContactFlowEvent',
    Details: {
      ContactData: {
        Attributes: { language: 'en', tier: 'gold' },
        Channel: 'VOICE',
        ContactId: CONTACT_ID,
        CustomerEndpoint: { Address: CUSTOMER_NUMBER, Type: 'TELEPHONE_NUMBER' },
        CustomerId: null,
        Description: null,
        InitialContactId: CONTACT_ID,
        InitiationMethod: 'INBOUND',
        InstanceARN: INSTANCE_ARN,
        LanguageCode: 'en-US',
        MediaStreams: { Customer: { Audio: audio && { ...AUDIO, ...audio } } },
        Name: null,
        PreviousContactId: CONTACT_ID,
        Queue: QUEUE,
        References: {},
        SystemEndpoint: { Address: SYSTEM_NUMBER, Type: 'TELEPHONE_NUMBER' },
        Tags: { 'aws:connect:systemEndpoint': SYSTEM_NUMBER },
        ...contact,
      },
      Parameters: { sent: 'by the flow' },
    },
  };
}
