/** The calls in memory: the twin of {@link DynamoDbCalls} for tests and simulations. No clock, no timer, no dice. */
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  type CallRecord,
  type Completion,
  type ContactFacts,
  isFinal,
  type NewCall,
} from '../../recording/call-record.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
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
import type { Resumptions } from './resumptions.ts';

type Item = Readonly<Record<string, unknown>>;

/** One write that took effect. */
export interface CallWrite {
  readonly operation:
    | 'create'
    | 'startFailed'
    | 'startAgain'
    | 'resuming'
    | 'givingUp'
    | 'streamingStopped'
    | 'learn'
    | 'assembling'
    | 'complete';
  readonly before: CallRecord | undefined;
  readonly after: CallRecord;
}

export interface MemoryCallsOptions {
  /** Told of each write at the moment that it takes effect. */
  readonly onWrite?: (write: CallWrite) => void;
  /** Tells assemblies apart that begin at the same time; by default in their order. */
  readonly unique?: () => string;
}

export class MemoryCalls implements Calls, Resumptions {
  readonly #items = new Map<string, Item>();
  readonly #history: CallWrite[] = [];
  readonly #onWrite: (write: CallWrite) => void;
  readonly #unique: () => string;
  #assemblies = 0;

  constructor(options: MemoryCallsOptions = {}) {
    this.#onWrite = options.onWrite ?? (() => undefined);
    this.#unique = options.unique ?? (() => (this.#assemblies += 1).toString().padStart(9, '0'));
  }

  /** Every write that took effect, in order. */
  get history(): readonly CallWrite[] {
    return this.#history;
  }

  async create(call: NewCall, by?: Starter): Promise<CallRecord | undefined> {
    const { contactId, startFragmentNumber } = call;
    const key = { contactId, startFragmentNumber };
    const item = this.item(key);
    if (item !== undefined) return Promise.resolve(callOf(item));
    this.#write('create', key, { ...newCallAttributes(call), start: by && starterOf(by) });
    return Promise.resolve(undefined);
  }

  async get(recording: Recording): Promise<CallRecord | undefined> {
    const item = this.item(callKey(recording));
    return Promise.resolve(item === undefined ? undefined : callOf(item));
  }

  async ofContact(contactId: string): Promise<ContactCall[]> {
    const items = [...this.#items.values()].filter((item) => item.contactId === contactId);
    return Promise.resolve(contactCallsOf(items));
  }

  async startFailed(recording: Recording, executionArn: string, why: string, by: Starter): Promise<void> {
    const item = this.item(callKey(recording));
    const waits = item?.executionArn === executionArn && item.status === 'RECORDING';
    if (waits && item.start === starterOf(by)) {
      const attributes = { status: 'FAILED', why: boundedWhy(why), startFailed: true };
      this.#write('startFailed', callKey(recording), attributes);
    }
    return Promise.resolve();
  }

  async startAgain(recording: Recording, executionArn: string, by: Starter): Promise<boolean> {
    const item = this.item(callKey(recording));
    if (item?.executionArn !== executionArn) return Promise.resolve(false);
    const start = starterOf(by);
    const beganLater = typeof item.start === 'string' && item.start > start;
    const mayBeStarted = item.status === 'RECORDING' || item.startFailed === true;
    if (!mayBeStarted || beganLater) return Promise.resolve(item.status === 'RECORDING');
    const attributes = { status: 'RECORDING', why: undefined, startFailed: undefined, start };
    this.#write('startAgain', callKey(recording), attributes);
    return Promise.resolve(true);
  }

  async resuming(
    seen: CallRecord,
    resumption: Resumption,
    executionArn: string,
    by: Starter,
  ): Promise<boolean> {
    const change = resumingAttributes(seen, executionArn, by);
    return Promise.resolve(this.#noteResumption('resuming', seen, resumption, change));
  }

  async givingUp(seen: CallRecord, resumption: Resumption): Promise<boolean> {
    const failed = { status: 'FAILED', why: boundedWhy(resumption.why) };
    const change = isFinal(seen.status) ? {} : failed;
    return Promise.resolve(this.#noteResumption('givingUp', seen, resumption, change));
  }

  #noteResumption(
    operation: 'resuming' | 'givingUp',
    seen: CallRecord,
    resumption: Resumption,
    change: Item,
  ): boolean {
    const item = this.item(seen);
    const asSeen = item?.status === seen.status && item.resumptionCount === seen.resumptionCount;
    if (asSeen) this.#write(operation, seen, { ...resumptionAttributes(seen, resumption), ...change });
    return asSeen;
  }

  async streamingStopped(recording: Recording, stopFragmentNumber: bigint): Promise<void> {
    const item = this.item(callKey(recording));
    const standing =
      typeof item?.stopFragmentNumber === 'string' ? BigInt(item.stopFragmentNumber) : undefined;
    if (item !== undefined && (standing === undefined || standing < stopFragmentNumber)) {
      const attributes = { stopFragmentNumber: stopFragmentNumber.toString() };
      this.#write('streamingStopped', callKey(recording), attributes);
    }
    return Promise.resolve();
  }

  async learn(recording: Recording, facts: ContactFacts, eventTime: string): Promise<void> {
    const key = callKey(recording);
    for (const [fact, value] of Object.entries(contactAttributes(facts))) {
      const item = this.item(key);
      const known = item?.[asOfAttribute(fact)];
      const news = asOf(eventTime, value);
      if (item === undefined || (typeof known === 'string' && known >= news)) continue;
      this.#write('learn', key, { [fact]: value, [asOfAttribute(fact)]: news });
    }
    return Promise.resolve();
  }

  async assembling(
    recording: Recording,
    executionArn: string,
    sinceMs: number,
    facts: ExecutionFacts,
  ): Promise<AssemblyClaim> {
    const claim = assemblyClaim(recording, sinceMs, this.#unique());
    const { assembly: standing, status } = this.item(callKey(recording)) ?? {};
    const hasEnded = standing === claim.assembly && status !== 'ASSEMBLING';
    if (typeof standing === 'string' && (standing > claim.assembly || hasEnded)) {
      throw new AssemblySuperseded(claim);
    }
    const attributes = assemblingAttributes(executionArn, claim);
    this.#write('assembling', callKey(recording), attributes, executionAttributes(recording, facts));
    return Promise.resolve(claim);
  }

  async confirm(claim: AssemblyClaim): Promise<void> {
    const item = this.item(callKey(claim.recording));
    if (item === undefined) throw new CallMissing(recordingId(claim.recording));
    if (item.assembly !== claim.assembly) throw new AssemblySuperseded(claim);
    return Promise.resolve();
  }

  async complete(claim: AssemblyClaim, completion: Completion, facts: ContactFacts): Promise<CallRecord> {
    await this.confirm(claim);
    const attributes = completionAttributes(completion);
    return this.#write('complete', callKey(claim.recording), attributes, contactAttributes(facts));
  }

  /** The item as DynamoDB would hold it, for tests of what isn't in the port. */
  item({ contactId, startFragmentNumber }: CallKey): Item | undefined {
    return this.#items.get(`${contactId}/${startFragmentNumber}`);
  }

  /** What only a stranger would do: sets an item, or removes it (`undefined`), whatever any condition says. */
  tamper({ contactId, startFragmentNumber }: CallKey, item: Item | undefined): void {
    const key = `${contactId}/${startFragmentNumber}`;
    if (item === undefined) this.#items.delete(key);
    else this.#items.set(key, { ...item, contactId, startFragmentNumber });
  }

  /** An attribute that is undefined is removed. */
  #write(
    operation: CallWrite['operation'],
    { contactId, startFragmentNumber }: CallKey,
    attributes: Item,
    ifAbsent: Item = {},
  ): CallRecord {
    const key = { contactId, startFragmentNumber };
    const standing = this.item(key);
    const before = standing === undefined ? undefined : callOf(standing);
    const written = { ...ifAbsent, ...standing, ...attributes, ...key };
    // A copy, and nothing but what DynamoDB takes.
    const item = unmarshall(marshall(written, { removeUndefinedValues: true }));
    const after = callOf(item);
    this.tamper(key, item);
    const write = { operation, before, after };
    this.#history.push(write);
    this.#onWrite(write);
    return after;
  }
}
