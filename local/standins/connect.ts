/** Amazon Connect's stand-in: DescribeContact, for the contacts that it is told of. */
import * as v from 'valibot';
import { listen, newService } from './aws-json.ts';
import { checked, epochSeconds, ServiceError } from './json.ts';
import type { Standin } from './standin.ts';

export interface Contact {
  readonly contactId: string;
  readonly initiatedAtMs: number;
  readonly queueId: string;
  readonly agentId: string;
  readonly connectedToAgentAtMs: number;
  readonly streamArn: string;
  readonly firstFragmentNumber: bigint;
  /** Absent while the call lasts, both. */
  readonly disconnectedAtMs?: number;
  readonly lastFragmentNumber?: bigint;
}

export interface ConnectStandin extends Standin {
  /** What DescribeContact says of the contact from now on. */
  tell(contact: Contact): void;
}

const params = v.object({ instanceId: v.string(), contactId: v.string() });

/** Listens on 127.0.0.1, on a port of its own. Set `AWS_ENDPOINT_URL_CONNECT` to `url`. */
export async function startConnect(instanceArn: string): Promise<ConnectStandin> {
  const contacts = new Map<string, Contact>();
  const app = newService();
  app.get('/contacts/:instanceId/:contactId', (request) => {
    const { instanceId, contactId } = checked(params, request.params);
    const contact = contacts.get(contactId);
    // An instance is named by its id or by its ARN.
    if (contact === undefined || (instanceId !== instanceArn && !instanceArn.endsWith(`/${instanceId}`))) {
      throw new ServiceError('ResourceNotFoundException', 'Contact not found', 404);
    }
    return { Contact: description(instanceArn, contact) };
  });
  const standin = await listen(app);
  return { ...standin, tell: (contact) => contacts.set(contact.contactId, contact) };
}

function description(instanceArn: string, contact: Contact) {
  return {
    Arn: `${instanceArn}/contact/${contact.contactId}`,
    Id: contact.contactId,
    InitiationMethod: 'INBOUND',
    Channel: 'VOICE',
    InitiationTimestamp: epochSeconds(contact.initiatedAtMs),
    QueueInfo: { Id: contact.queueId, EnqueueTimestamp: epochSeconds(contact.initiatedAtMs) },
    AgentInfo: {
      Id: contact.agentId,
      ConnectedToAgentTimestamp: epochSeconds(contact.connectedToAgentAtMs),
    },
    Recordings: [mediaStream(contact)],
    ...(contact.disconnectedAtMs !== undefined && {
      DisconnectTimestamp: epochSeconds(contact.disconnectedAtMs),
      DisconnectReason: 'CUSTOMER_DISCONNECT',
    }),
  };
}

/** Connect's own record of the media that it streamed ("RecordingInfo", API reference). */
function mediaStream(contact: Contact) {
  return {
    StorageType: 'KINESIS_VIDEO_STREAM',
    MediaStreamType: 'AUDIO',
    ParticipantType: 'ALL',
    Status: 'AVAILABLE',
    Location: contact.streamArn,
    StartTimestamp: epochSeconds(contact.initiatedAtMs),
    FragmentStartNumber: contact.firstFragmentNumber.toString(),
    ...(contact.lastFragmentNumber !== undefined && {
      FragmentStopNumber: contact.lastFragmentNumber.toString(),
    }),
    ...(contact.disconnectedAtMs !== undefined && { StopTimestamp: epochSeconds(contact.disconnectedAtMs) }),
  };
}
