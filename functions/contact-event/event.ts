/** Connect's contact event, as EventBridge delivers it, and the facts in it (Administrator Guide, "Contact events"). */
import * as v from 'valibot';
import { evidenceOf } from '../../ports/table/item.ts';
import type { ContactFacts } from '../../recording/call-record.ts';
import { fact, leftOut } from '../support/facts.ts';
import { ContactId, InstanceArn, IsoTime, label, ResourceArn, ResourceName } from '../support/schema.ts';

const Detail = v.object({
  eventType: label(64),
  contactId: ContactId,
  // Both spellings occur.
  instanceArn: fact(InstanceArn),
  instanceARN: fact(InstanceArn),
  disconnectTimestamp: fact(IsoTime),
  queueInfo: fact(v.object({ queueArn: fact(ResourceArn), queueName: fact(ResourceName) })),
  agentInfo: fact(v.object({ agentArn: fact(ResourceArn), connectedToAgentTimestamp: fact(IsoTime) })),
});
type Detail = v.InferOutput<typeof Detail>;

const ContactEvent = v.object({
  source: v.literal('aws.connect'),
  'detail-type': v.literal('Amazon Connect Contact Event'),
  time: fact(IsoTime),
  detail: Detail,
});

const Unchecked = v.object({ detail: v.unknown() });

export type ContactEventReading =
  | {
      readonly valid: true;
      readonly contactId: string;
      readonly eventType: string;
      readonly instanceArn: string | undefined;
      /** When the event was. */
      readonly time: string;
      /** Undefined when it tells nothing that a call record holds. */
      readonly facts: ContactFacts | undefined;
      /** The names of what can't be kept of the event. */
      readonly leftOut: readonly string[];
    }
  /** What is wrong, by field; never a value. */
  | { readonly valid: false; readonly problems: readonly string[] };

export function readContactEvent(event: unknown): ContactEventReading {
  const result = v.safeParse(ContactEvent, event);
  if (!result.success) return { valid: false, problems: evidenceOf(result.issues) };
  const { detail } = result.output;
  const time = result.output.time ?? toldTime(detail);
  if (time === undefined) return { valid: false, problems: ['time should be a time'] };
  return {
    valid: true,
    contactId: detail.contactId,
    eventType: detail.eventType,
    instanceArn: detail.instanceArn ?? detail.instanceARN ?? undefined,
    time,
    facts: factsOf(detail, time),
    leftOut: leftOut(v.parse(Unchecked, event).detail, detail),
  };
}

/** What Connect says of the event's time, which counts where EventBridge says nothing. */
function toldTime({ eventType, disconnectTimestamp, agentInfo }: Detail): string | undefined {
  const agentCame = eventType === 'CONNECTED_TO_AGENT' ? agentInfo?.connectedToAgentTimestamp : undefined;
  return disconnectTimestamp ?? agentCame ?? undefined;
}

/** Reads by the event's type, since a type that isn't known may mean anything by what it carries. */
function factsOf(detail: Detail, time: string): ContactFacts | undefined {
  switch (detail.eventType) {
    case 'QUEUED':
      return queueFacts(detail);
    case 'CONNECTED_TO_AGENT':
      return { ...queueFacts(detail), ...agentFacts(detail, time) };
    case 'DISCONNECTED':
      return { ...queueFacts(detail), ...agentFacts(detail), ...disconnectFacts(detail, time) };
    case 'COMPLETED':
      return { ...queueFacts(detail), ...agentFacts(detail), ...disconnectFacts(detail) };
    default:
      return undefined;
  }
}

function queueFacts({ queueInfo }: Detail): Pick<ContactFacts, 'queue'> {
  if (!queueInfo?.queueArn) return {};
  return { queue: { arn: queueInfo.queueArn, ...(queueInfo.queueName && { name: queueInfo.queueName }) } };
}

/** @param fallback when the agent came, where the event doesn't say so itself. */
function agentFacts(
  { agentInfo }: Detail,
  fallback?: string,
): Pick<ContactFacts, 'agent' | 'connectedToAgentAt'> {
  const connectedToAgentAt = agentInfo?.connectedToAgentTimestamp ?? fallback;
  return {
    ...(agentInfo?.agentArn && { agent: { arn: agentInfo.agentArn } }),
    ...(connectedToAgentAt !== undefined && { connectedToAgentAt }),
  };
}

/** @param fallback when the contact was disconnected, where the event doesn't say so itself. */
function disconnectFacts(
  { disconnectTimestamp }: Detail,
  fallback?: string,
): Pick<ContactFacts, 'disconnectedAt'> {
  const disconnectedAt = disconnectTimestamp ?? fallback;
  return disconnectedAt === undefined ? {} : { disconnectedAt };
}
