/**
 * The calls in DynamoDB. Every write is one conditional UpdateItem. The states of an item, in the order of its
 * life, and the writes that each of them lets pass:
 *
 * - NONE: no item.
 *   `create` → RECORDING; `assembling` → ASSEMBLING, where the connect function's record was lost
 * - RECORDING: the facts of the call's start, and `executionArn`.
 *   `start` names who starts it: `startAgain` of one that began later → RECORDING, that one's. `startFailed` by
 *   whom `start` names → START FAILED; `assembling` → ASSEMBLING
 * - START FAILED: `status` FAILED, `why`, and `startFailed`, which tells it from an assembly's FAILED.
 *   `startAgain` of a later one → RECORDING; `assembling` → ASSEMBLING, where the execution had been started all the same
 * - ASSEMBLING: `executionArn` is that of the assembly's execution, `assembly` tells which one began last.
 *   `assembling` of a later one, or of the same again; its `complete` → COMPLETE, INCOMPLETE, EMPTY or FAILED
 * - COMPLETE and so on: the result.
 *   `assembling` of a later one, when a recording is assembled again; `complete` of the same again
 *
 * So an assembly that was thought to be dead changes nothing once a later one has begun, and a request of its own
 * that comes late doesn't take back its result.
 *
 * `resuming` passes in any state but NONE, and leaves it as it is: the start is another's then, and so is a record that
 * is under way. `givingUp` makes FAILED of RECORDING and ASSEMBLING. Of several that saw the same state and resumptions, one passes.
 *
 * `streamingStopped` and `learn` pass in any state but NONE. The first sets `stopFragmentNumber`, which only grows; the
 * second touches nothing but its own facts. Beside each of them stands
 * `<fact>AsOf`: the event's time and a digest of the fact, in which the facts of several events are ordered.
 */
import { randomUUID } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  type CallRecord,
  type Completion,
  type ContactFacts,
  isFinal,
  type NewCall,
} from '../../recording/call-record.ts';
import { parseRecordingId, type Recording, recordingId } from '../../recording/identity.ts';
import type { Resumption } from '../../recording/resumptions.ts';
import {
  asOf,
  asOfAttribute,
  assemblingAttributes,
  assemblyClaim,
  boundedWhy,
  type CallKey,
  callKey,
  callOf,
  completionAttributes,
  contactAttributes,
  contactCallsOf,
  executionAttributes,
  newCallAttributes,
  resumingAttributes,
  resumptionAttributes,
  starterOf,
} from './call-item.ts';
import {
  type AssemblyClaim,
  AssemblySuperseded,
  CallMissing,
  type Calls,
  type ContactCall,
  type ExecutionFacts,
  type Starter,
} from './calls.ts';
import { type ItemUpdate, updateItem } from '../table/item-update.ts';
import type { Resumptions } from './resumptions.ts';

const NO_RECORD = 'attribute_not_exists(#recordingId)';
const THERE_IS_A_RECORD = 'attribute_exists(#recordingId)';
const OF_THIS_EXECUTION = '#executionArn = :executionArn';
/** The execution was to be started, and nothing has been heard of it yet. */
const WAITS_FOR_START = `#status = :recording AND ${OF_THIS_EXECUTION}`;
const OF_THIS_STARTER = '#start = :start';
const BEGAN_EARLIER = '(attribute_not_exists(#start) OR #start <= :start)';
const MAY_BE_STARTED = `${OF_THIS_EXECUTION} AND (#status = :status OR #startFailed = :true) AND ${BEGAN_EARLIER}`;
const OF_THIS_ASSEMBLY = '#assembly = :assembly';
const BEGAN_LATER = 'attribute_not_exists(#assembly) OR #assembly < :assembly';
const HAS_NOT_ENDED = `${OF_THIS_ASSEMBLY} AND #status = :status`;
const NONE_NOTED = '#status = :seenStatus AND attribute_not_exists(#resumptionCount)';
const NO_MORE_NOTED = '#status = :seenStatus AND #resumptionCount = :seen';
/** Of numbers without leading zeros, a shorter one is the lesser. */
const STOPPED_LATER =
  '(attribute_not_exists(#stopFragmentNumber) OR size(#stopFragmentNumber) < :digits OR ' +
  '(size(#stopFragmentNumber) = :digits AND #stopFragmentNumber < :stopFragmentNumber))';
/** The fact is of no event yet, or of one that is earlier than this. */
const NOT_KNOWN_BETTER = (fact: string) =>
  `(attribute_not_exists(#${asOfAttribute(fact)}) OR #${asOfAttribute(fact)} < :${asOfAttribute(fact)})`;

export class DynamoDbCalls implements Calls, Resumptions {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #unique: () => string;

  constructor(client: DynamoDBClient, table: string, unique: () => string = randomUUID) {
    this.#client = client;
    this.#table = table;
    this.#unique = unique;
  }

  async create(call: NewCall, by?: Starter): Promise<CallRecord | undefined> {
    const { contactId, startFragmentNumber } = call;
    const key = { contactId, startFragmentNumber };
    const set = { ...newCallAttributes(call), start: by && starterOf(by) };
    const update: ItemUpdate = { key, set, condition: NO_RECORD };
    const created = await updateItem(this.#client, this.#table, update);
    return created === undefined ? this.#standing(key, call.recordingId) : undefined;
  }

  async get(recording: Recording): Promise<CallRecord | undefined> {
    return this.#get(callKey(recording));
  }

  async ofContact(contactId: string): Promise<ContactCall[]> {
    const items: unknown[] = [];
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        ConsistentRead: true,
        KeyConditionExpression: 'contactId = :contactId',
        ExpressionAttributeValues: marshall({ ':contactId': contactId }),
      },
    );
    for await (const { Items = [] } of pages) items.push(...Items.map((item) => unmarshall(item)));
    return contactCallsOf(items);
  }

  async startFailed(recording: Recording, executionArn: string, why: string, by: Starter): Promise<void> {
    await this.#update(recording, {
      set: { status: 'FAILED', why: boundedWhy(why), startFailed: true },
      condition: `${WAITS_FOR_START} AND ${OF_THIS_STARTER}`,
      values: { executionArn, recording: 'RECORDING', start: starterOf(by) },
    });
  }

  async startAgain(recording: Recording, executionArn: string, by: Starter): Promise<boolean> {
    const again = await this.#update(recording, {
      set: { status: 'RECORDING', why: undefined, startFailed: undefined, start: starterOf(by) },
      condition: MAY_BE_STARTED,
      values: { executionArn, true: true },
    });
    if (again !== undefined) return true;
    const standing = await this.get(recording);
    return standing?.status === 'RECORDING' && standing.executionArn === executionArn;
  }

  async resuming(
    seen: CallRecord,
    resumption: Resumption,
    executionArn: string,
    by: Starter,
  ): Promise<boolean> {
    return this.#noteResumption(seen, resumption, resumingAttributes(seen, executionArn, by));
  }

  async givingUp(seen: CallRecord, resumption: Resumption): Promise<boolean> {
    const failed = { status: 'FAILED', why: boundedWhy(resumption.why) };
    return this.#noteResumption(seen, resumption, isFinal(seen.status) ? {} : failed);
  }

  async #noteResumption(
    seen: CallRecord,
    resumption: Resumption,
    change: Readonly<Record<string, unknown>>,
  ): Promise<boolean> {
    const { status, resumptionCount } = seen;
    const noted = await this.#update(parseRecordingId(seen.recordingId), {
      set: { ...resumptionAttributes(seen, resumption), ...change },
      condition: resumptionCount === undefined ? NONE_NOTED : NO_MORE_NOTED,
      values: { seenStatus: status, ...(resumptionCount !== undefined && { seen: resumptionCount }) },
    });
    return noted !== undefined;
  }

  async streamingStopped(recording: Recording, stopFragmentNumber: bigint): Promise<void> {
    const digits = stopFragmentNumber.toString();
    await this.#update(recording, {
      set: { stopFragmentNumber: digits },
      condition: `${THERE_IS_A_RECORD} AND ${STOPPED_LATER}`,
      values: { digits: digits.length },
    });
  }

  async learn(recording: Recording, facts: ContactFacts, eventTime: string): Promise<void> {
    for (const [fact, value] of Object.entries(contactAttributes(facts))) {
      await this.#update(recording, {
        set: { [fact]: value, [asOfAttribute(fact)]: asOf(eventTime, value) },
        condition: `${THERE_IS_A_RECORD} AND ${NOT_KNOWN_BETTER(fact)}`,
      });
    }
  }

  async assembling(
    recording: Recording,
    executionArn: string,
    sinceMs: number,
    facts: ExecutionFacts,
  ): Promise<AssemblyClaim> {
    const claim = assemblyClaim(recording, sinceMs, this.#unique());
    const begun = await this.#update(recording, {
      set: assemblingAttributes(executionArn, claim),
      setIfAbsent: executionAttributes(recording, facts),
      condition: `${BEGAN_LATER} OR (${HAS_NOT_ENDED})`,
    });
    if (begun === undefined) throw new AssemblySuperseded(claim);
    return claim;
  }

  async confirm(claim: AssemblyClaim): Promise<void> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#table,
        Key: marshall(callKey(claim.recording)),
        ConsistentRead: true,
        ProjectionExpression: 'assembly',
      }),
    );
    if (Item === undefined) throw new CallMissing(recordingId(claim.recording));
    if (unmarshall(Item).assembly !== claim.assembly) throw new AssemblySuperseded(claim);
  }

  async complete(claim: AssemblyClaim, completion: Completion, facts: ContactFacts): Promise<CallRecord> {
    const { recording, assembly } = claim;
    const completed = await this.#update(recording, {
      set: completionAttributes(completion),
      setIfAbsent: contactAttributes(facts),
      condition: OF_THIS_ASSEMBLY,
      values: { assembly },
    });
    if (completed !== undefined) return completed;
    await this.#standing(callKey(recording), recordingId(recording));
    throw new AssemblySuperseded(claim);
  }

  /** @returns the record after the write; undefined when it was refused. */
  async #update(recording: Recording, update: Omit<ItemUpdate, 'key'>): Promise<CallRecord | undefined> {
    const item = await updateItem(this.#client, this.#table, { ...update, key: callKey(recording) });
    return item === undefined ? undefined : callOf(item);
  }

  async #get(key: CallKey): Promise<CallRecord | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: marshall(key), ConsistentRead: true }),
    );
    return Item === undefined ? undefined : callOf(unmarshall(Item));
  }

  /** The record that refused a write. */
  async #standing(key: CallKey, id: string): Promise<CallRecord> {
    const call = await this.#get(key);
    if (call === undefined) throw new CallMissing(id);
    return call;
  }
}
