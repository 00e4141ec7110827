/** Connect's contact events as EventBridge delivers them, for tests. */
import { CONTACT_ID, INSTANCE_ARN } from './call.ts';

export const QUEUE_ARN = `${INSTANCE_ARN}/queue/7d2f`;
export const AGENT_ARN = `${INSTANCE_ARN}/agent/40a1`;
export const CONNECTED_AT = '2026-03-14T09:27:11.250Z';
export const DISCONNECTED_AT = '2026-03-14T09:40:00.750Z';

type Fields = Readonly<Record<string, unknown>>;

/** @param detail in place of the detail's own fields; @param envelope of EventBridge's. */
export function contactEvent(eventType: string, time: string, detail: Fields = {}, envelope: Fields = {}) {
  return {
    version: '0',
    id: '0b6e2f5e-0000-4000-8000-000000000000',
    'detail-type': 'Amazon Connect Contact Event',
    source: 'aws.connect',
    account: '123456789012',
    time,
    region: 'us-east-1',
    resources: [INSTANCE_ARN],
    detail: {
      eventType,
      contactId: CONTACT_ID,
      initialContactId: CONTACT_ID,
      channel: 'VOICE',
      instanceArn: INSTANCE_ARN,
      initiationMethod: 'INBOUND',
      ...detail,
    },
    ...envelope,
  };
}

/** EventBridge's time has whole seconds. */
export const QUEUED = contactEvent('QUEUED', '2026-03-14T09:26:58Z', {
  queueInfo: { queueType: 'STANDARD', queueArn: QUEUE_ARN, enqueueTimestamp: '2026-03-14T09:26:57.900Z' },
});

export const CONNECTED_TO_AGENT = contactEvent('CONNECTED_TO_AGENT', '2026-03-14T09:27:12Z', {
  queueInfo: { queueType: 'STANDARD', queueArn: QUEUE_ARN },
  agentInfo: { agentArn: AGENT_ARN, connectedToAgentTimestamp: CONNECTED_AT },
});

export const DISCONNECTED = contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', {
  queueInfo: { queueType: 'STANDARD', queueArn: QUEUE_ARN },
  agentInfo: { agentArn: AGENT_ARN, connectedToAgentTimestamp: CONNECTED_AT },
  disconnectTimestamp: DISCONNECTED_AT,
  disconnectReason: 'CUSTOMER_DISCONNECT',
});
