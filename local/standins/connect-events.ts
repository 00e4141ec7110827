/** What Amazon Connect would say of a call: the contact flow's Lambda event, and the contact event at hang-up. */
import { randomUUID } from 'node:crypto';
import { ACCOUNT, REGION } from './environment.ts';
import type { Json } from './json.ts';

export const INSTANCE_ARN = `arn:aws:connect:${REGION}:${ACCOUNT}:instance/11111111-2222-4333-8444-555555555555`;
export const QUEUE_ID = '66666666-7777-4888-8999-000000000001';
export const AGENT_ID = '66666666-7777-4888-8999-000000000002';
const QUEUE_ARN = `${INSTANCE_ARN}/queue/${QUEUE_ID}`;
const AGENT_ARN = `${INSTANCE_ARN}/agent/${AGENT_ID}`;
/** Numbers that are set aside for fiction. */
const CUSTOMER_NUMBER = '+12025550143';
const SYSTEM_NUMBER = '+12025550100';

export interface CallFacts {
  readonly contactId: string;
  readonly startFragmentNumber: bigint;
  readonly streamArn: string;
  readonly startedAtMs: number;
}

/** The "Invoke AWS Lambda function" block's event (Administrator Guide, "Example JSON request to a Lambda function"). */
export function connectFlowEvent(call: CallFacts, parameters: Readonly<Record<string, string>> = {}): Json {
  return {
    Name: 'ContactFlowEvent',
    Details: {
      ContactData: {
        Attributes: { language: 'en-US', product: 'support' },
        Channel: 'VOICE',
        ContactId: call.contactId,
        CustomerEndpoint: { Address: CUSTOMER_NUMBER, Type: 'TELEPHONE_NUMBER' },
        CustomerId: null,
        Description: null,
        InitialContactId: call.contactId,
        InitiationMethod: 'INBOUND',
        InstanceARN: INSTANCE_ARN,
        LanguageCode: 'en-US',
        MediaStreams: {
          Customer: {
            Audio: {
              StreamARN: call.streamArn,
              StartTimestamp: String(call.startedAtMs),
              StartFragmentNumber: call.startFragmentNumber.toString(),
            },
          },
        },
        Name: null,
        PreviousContactId: call.contactId,
        Queue: { ARN: QUEUE_ARN, Name: 'Support', OutboundCallerId: null },
        References: {},
        RelatedContactId: null,
        SystemEndpoint: { Address: SYSTEM_NUMBER, Type: 'TELEPHONE_NUMBER' },
        Tags: { 'aws:connect:instanceId': INSTANCE_ARN.slice(INSTANCE_ARN.lastIndexOf('/') + 1) },
      },
      Parameters: { ...parameters },
    },
  };
}

/** "Amazon Connect contact events" (Administrator Guide): the contact is over. */
export function disconnectedEvent(
  call: CallFacts,
  times: { readonly connectedToAgentAtMs: number; readonly disconnectedAtMs: number },
): Json {
  const disconnectedAt = new Date(times.disconnectedAtMs).toISOString();
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Amazon Connect Contact Event',
    source: 'aws.connect',
    account: ACCOUNT,
    time: disconnectedAt,
    region: REGION,
    resources: [INSTANCE_ARN, `${INSTANCE_ARN}/contact/${call.contactId}`],
    detail: {
      eventType: 'DISCONNECTED',
      contactId: call.contactId,
      initialContactId: call.contactId,
      previousContactId: call.contactId,
      channel: 'VOICE',
      instanceArn: INSTANCE_ARN,
      initiationMethod: 'INBOUND',
      initiationTimestamp: new Date(call.startedAtMs).toISOString(),
      connectedToSystemTimestamp: new Date(call.startedAtMs).toISOString(),
      disconnectTimestamp: disconnectedAt,
      disconnectReason: 'CUSTOMER_DISCONNECT',
      queueInfo: {
        queueArn: QUEUE_ARN,
        queueType: 'STANDARD',
        enqueueTimestamp: new Date(call.startedAtMs).toISOString(),
      },
      agentInfo: {
        agentArn: AGENT_ARN,
        connectedToAgentTimestamp: new Date(times.connectedToAgentAtMs).toISOString(),
      },
      tags: {},
      version: '1.0.0',
    },
  };
}
