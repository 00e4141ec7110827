/**
 * The calls on their table. Every write is one conditional change. The states of an item, in the order of its
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
import {
  type CallRecord,
  type Completion,
  type ContactFacts,
  isFinal,
  type NewCall,
} from '../../recording/call-record.ts';
import { parseRecordingId, type Recording, recordingId } from '../../recording/identity.ts';
import type { Resumption } from '../../recording/resumptions.ts';
import { absent, all, any, atMost, below, digitsBelow, equals, holds, present } from '../table/condition.ts';
import { type Change, type Item, type Key, type Refused, standingItem, type Table } from '../table/table.ts';
import {
  assemblingAttributes,
  assemblyClaim,
  boundedWhy,
  completionAttributes,
  contactAttributes,
  executionAttributes,
  newCallAttributes,
  type News,
  newsOf,
  resumingAttributes,
  resumptionAttributes,
  starterOf,
} from './call-attributes.ts';
import { callKey, callOf, contactCallsOf } from './call-item.ts';
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

const NO_RECORD = absent('recordingId');
const THERE_IS_A_RECORD = present('recordingId');
const isOf = (executionArn: string) => equals('executionArn', executionArn);
/** Whoever began earlier starts it, or nobody has said. */
const beganEarlier = (start: string) => any(absent('start'), atMost('start', start));
/** The record waits for that execution's start, or one for which it waited has failed. */
const mayBeStarted = any(equals('status', 'RECORDING'), equals('startFailed', true));
const isAssembledBy = (assembly: string) => equals('assembly', assembly);
const beganLater = (assembly: string) => any(absent('assembly'), below('assembly', assembly));
/** The fact is of no event yet, or of one that is earlier than this. */
const isNews = ({ asOfName, asOf }: News) => any(absent(asOfName), below(asOfName, asOf));

export class TableCalls implements Calls, Resumptions {
  readonly #table: Table;
  readonly #unique: () => string;

  /** @param unique tells apart assemblies that begin at the same time. */
  constructor(table: Table, unique: () => string = randomUUID) {
    this.#table = table;
    this.#unique = unique;
  }

  async create(call: NewCall, by?: Starter): Promise<CallRecord | undefined> {
    const { contactId, startFragmentNumber } = call;
    const key = { contactId, startFragmentNumber };
    const set = { ...newCallAttributes(call), start: by && starterOf(by) };
    const created = await this.#table.change(key, { name: 'create', set, when: NO_RECORD });
    return created.written ? undefined : this.#standing(key, call.recordingId, created);
  }

  async get(recording: Recording): Promise<CallRecord | undefined> {
    const item = await this.#table.get(callKey(recording));
    return item && callOf(item);
  }

  async ofContact(contactId: string): Promise<ContactCall[]> {
    const items: Item[] = [];
    for await (const page of this.#table.query({ value: contactId })) items.push(...page);
    return contactCallsOf(items);
  }

  async startFailed(recording: Recording, executionArn: string, why: string, by: Starter): Promise<void> {
    await this.#change(recording, {
      name: 'startFailed',
      set: { status: 'FAILED', why: boundedWhy(why), startFailed: true },
      when: all(equals('status', 'RECORDING'), isOf(executionArn), equals('start', starterOf(by))),
    });
  }

  async startAgain(recording: Recording, executionArn: string, by: Starter): Promise<boolean> {
    const start = starterOf(by);
    const again = await this.#change(recording, {
      name: 'startAgain',
      set: { status: 'RECORDING', why: undefined, startFailed: undefined, start },
      when: all(isOf(executionArn), mayBeStarted, beganEarlier(start)),
    });
    if (!('standing' in again)) return true;
    const item = await standingItem(this.#table, callKey(recording), again);
    const standing = item && callOf(item);
    return standing?.status === 'RECORDING' && standing.executionArn === executionArn;
  }

  async resuming(
    seen: CallRecord,
    resumption: Resumption,
    executionArn: string,
    by: Starter,
  ): Promise<boolean> {
    return this.#noteResumption('resuming', seen, resumption, resumingAttributes(seen, executionArn, by));
  }

  async givingUp(seen: CallRecord, resumption: Resumption): Promise<boolean> {
    const failed = { status: 'FAILED', why: boundedWhy(resumption.why) };
    return this.#noteResumption('givingUp', seen, resumption, isFinal(seen.status) ? {} : failed);
  }

  async #noteResumption(
    name: string,
    seen: CallRecord,
    resumption: Resumption,
    also: Item,
  ): Promise<boolean> {
    const { status, resumptionCount: count } = seen;
    const noMoreNoted = count === undefined ? absent('resumptionCount') : equals('resumptionCount', count);
    const noted = await this.#change(parseRecordingId(seen.recordingId), {
      name,
      set: { ...resumptionAttributes(seen, resumption), ...also },
      when: all(equals('status', status), noMoreNoted),
    });
    return !('standing' in noted);
  }

  async streamingStopped(recording: Recording, stopFragmentNumber: bigint): Promise<void> {
    const digits = stopFragmentNumber.toString();
    const stopsLater = any(absent('stopFragmentNumber'), digitsBelow('stopFragmentNumber', digits));
    await this.#change(recording, {
      name: 'streamingStopped',
      set: { stopFragmentNumber: digits },
      when: all(THERE_IS_A_RECORD, stopsLater),
    });
  }

  async learn(recording: Recording, facts: ContactFacts, eventTime: string): Promise<void> {
    const [first, ...others] = newsOf(facts, eventTime);
    if (first) await this.#learn(recording, [first, ...others]);
  }

  /** All in one write; where one isn't news, the others in another. So no more writes than facts, but for a lost record. */
  async #learn(recording: Recording, news: readonly [News, ...News[]]): Promise<void> {
    const [first, ...others] = news;
    const learned = await this.#change(recording, {
      name: 'learn',
      set: Object.fromEntries(news.flatMap(({ attributes }) => Object.entries(attributes))),
      when: all(THERE_IS_A_RECORD, isNews(first), ...others.map(isNews)),
    });
    if (!('standing' in learned) || others.length === 0) return;
    const { standing } = learned;
    if (standing === undefined) for (const one of news) await this.#learn(recording, [one]);
    const [next, ...more] = news.filter(
      (one) => standing && holds(all(THERE_IS_A_RECORD, isNews(one)), standing),
    );
    if (next) await this.#learn(recording, [next, ...more]);
  }

  async assembling(
    recording: Recording,
    executionArn: string,
    sinceMs: number,
    facts: ExecutionFacts,
  ): Promise<AssemblyClaim> {
    const claim = assemblyClaim(recording, sinceMs, this.#unique());
    const hasNotEnded = all(isAssembledBy(claim.assembly), equals('status', 'ASSEMBLING'));
    const begun = await this.#change(recording, {
      name: 'assembling',
      set: assemblingAttributes(executionArn, claim),
      setIfAbsent: executionAttributes(recording, facts),
      when: any(beganLater(claim.assembly), hasNotEnded),
    });
    if ('standing' in begun) throw new AssemblySuperseded(claim);
    return claim;
  }

  async confirm(claim: AssemblyClaim): Promise<void> {
    const item = await this.#table.get(callKey(claim.recording), ['assembly']);
    if (item === undefined) throw new CallMissing(recordingId(claim.recording));
    if (item.assembly !== claim.assembly) throw new AssemblySuperseded(claim);
  }

  async complete(claim: AssemblyClaim, completion: Completion, facts: ContactFacts): Promise<CallRecord> {
    const { recording, assembly } = claim;
    const completed = await this.#change(recording, {
      name: 'complete',
      set: completionAttributes(completion),
      setIfAbsent: contactAttributes(facts),
      when: isAssembledBy(assembly),
    });
    if (!('standing' in completed)) return completed.call;
    await this.#standing(callKey(recording), recordingId(recording), completed);
    throw new AssemblySuperseded(claim);
  }

  /** @returns the record after the write. */
  async #change(recording: Recording, change: Change): Promise<{ readonly call: CallRecord } | Refused> {
    const changed = await this.#table.change(callKey(recording), change);
    return changed.written === undefined ? changed : { call: callOf(changed.written) };
  }

  /** The record that refused a write. */
  async #standing(key: Key, id: string, refused: Refused): Promise<CallRecord> {
    const item = await standingItem(this.#table, key, refused);
    if (item === undefined) throw new CallMissing(id);
    return callOf(item);
  }
}
