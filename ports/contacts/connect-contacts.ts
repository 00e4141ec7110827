import {
  ConnectClient,
  type ConnectClientConfig,
  type Contact,
  DescribeContactCommand,
} from '@aws-sdk/client-connect';
import { instanceOf } from '../../recording/arn.ts';
import type { ContactFacts } from '../../recording/call-record.ts';
import { RecordingError } from '../../recording/errors.ts';
import { parseFragmentNumber } from '../../recording/fragment-number.ts';
import type { ContactAnswer, Contacts, StreamedSpan } from './contacts.ts';

export interface ConnectContactsOptions {
  /** `arn:aws:connect:<region>:<account>:instance/<instance id>` */
  readonly instanceArn: string;
  /** How long to wait for an answer, with all that it takes; 5 s by default. */
  readonly timeoutMs?: number;
  /** Set where it isn't to come in the SDK's standard way. */
  readonly client?: Pick<ConnectClientConfig, 'region' | 'credentials' | 'endpoint'>;
}

/** An answer that takes longer is given up: whoever asks will ask again. */
const TIMEOUT_MS = 5_000;

/** Contacts of an Amazon Connect instance. */
export class ConnectContacts implements Contacts {
  readonly #client: ConnectClient;
  readonly #instanceArn: string;
  readonly #timeoutMs: number;

  constructor({ instanceArn, timeoutMs = TIMEOUT_MS, client }: ConnectContactsOptions) {
    this.#instanceArn = instanceArn;
    this.#timeoutMs = timeoutMs;
    this.#client = new ConnectClient({
      ...client,
      // Two calls a second are allowed for the whole instance; whoever asks will ask again.
      maxAttempts: 1,
    });
  }

  async describe(contactId: string): Promise<ContactAnswer> {
    const InstanceId = instanceOf(this.#instanceArn)?.id;
    if (InstanceId === undefined) return { known: false, why: `${this.#instanceArn} is no instance's ARN` };
    const command = new DescribeContactCommand({ InstanceId, ContactId: contactId });
    try {
      const abortSignal = AbortSignal.timeout(this.#timeoutMs);
      const { Contact } = await this.#client.send(command, { abortSignal });
      if (!Contact) return { known: false, why: 'DescribeContact gave no contact' };
      return { known: true, facts: factsOf(Contact, this.#instanceArn), spans: spansOf(Contact) };
    } catch (error) {
      const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return { known: false, why: `DescribeContact failed with ${what}` };
    }
  }
}

/** Queues and agents are named by id alone; their ARNs lie below the instance's. */
function factsOf({ AgentInfo, QueueInfo, DisconnectTimestamp }: Contact, instanceArn: string): ContactFacts {
  const connectedToAgentAt = AgentInfo?.ConnectedToAgentTimestamp?.toISOString();
  const disconnectedAt = DisconnectTimestamp?.toISOString();
  return {
    ...(connectedToAgentAt !== undefined && { connectedToAgentAt }),
    ...(disconnectedAt !== undefined && { disconnectedAt }),
    ...(QueueInfo?.Id !== undefined && { queue: { arn: `${instanceArn}/queue/${QueueInfo.Id}` } }),
    ...(AgentInfo?.Id !== undefined && { agent: { arn: `${instanceArn}/agent/${AgentInfo.Id}` } }),
  };
}

/** Takes those of the contact's recordings that are streams; what isn't a fragment number is no witness. */
function spansOf({ Recordings = [] }: Contact): StreamedSpan[] {
  return Recordings.flatMap(({ StorageType, FragmentStartNumber, FragmentStopNumber }) => {
    if (StorageType !== 'KINESIS_VIDEO_STREAM' || FragmentStartNumber === undefined) return [];
    try {
      const lastFragmentNumber =
        FragmentStopNumber === undefined ? undefined : parseFragmentNumber(FragmentStopNumber);
      return [{ firstFragmentNumber: parseFragmentNumber(FragmentStartNumber), lastFragmentNumber }];
    } catch (error) {
      if (error instanceof RecordingError) return [];
      throw error;
    }
  });
}
