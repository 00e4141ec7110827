/**
 * The calls table, for whoever makes and completes records: whether the recording has been erased is looked up first, in
 * the checkpoints table. No condition reaches from one table to the other, so a tombstone may come between the two;
 * therefore an erasure looks for the record again once nobody can be at work any more who hasn't seen its tombstone.
 */
import type { CallRecord, Completion, ContactFacts, NewCall } from '../../recording/call-record.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import { type Checkpoints, RecordingErased } from '../checkpoints/checkpoints.ts';
import type { AssemblyClaim, Calls, ContactCall, ExecutionFacts, Starter } from './calls.ts';

export class CallsUnlessErased implements Calls {
  readonly #calls: Calls;
  readonly #checkpoints: Pick<Checkpoints, 'read'>;

  constructor(calls: Calls, checkpoints: Pick<Checkpoints, 'read'>) {
    this.#calls = calls;
    this.#checkpoints = checkpoints;
  }

  /** @throws RecordingErased */
  async create(call: NewCall, by?: Starter): Promise<CallRecord | undefined> {
    await this.#look(call.recordingId);
    return this.#calls.create(call, by);
  }

  /** @throws RecordingErased, and what {@link Calls.complete} throws */
  async complete(claim: AssemblyClaim, completion: Completion, facts: ContactFacts): Promise<CallRecord> {
    await this.#look(recordingId(claim.recording));
    return this.#calls.complete(claim, completion, facts);
  }

  get(recording: Recording): Promise<CallRecord | undefined> {
    return this.#calls.get(recording);
  }

  ofContact(contactId: string): Promise<ContactCall[]> {
    return this.#calls.ofContact(contactId);
  }

  startFailed(recording: Recording, executionArn: string, why: string, by: Starter): Promise<void> {
    return this.#calls.startFailed(recording, executionArn, why, by);
  }

  startAgain(recording: Recording, executionArn: string, by: Starter): Promise<boolean> {
    return this.#calls.startAgain(recording, executionArn, by);
  }

  assembling(
    recording: Recording,
    executionArn: string,
    sinceMs: number,
    facts: ExecutionFacts,
  ): Promise<AssemblyClaim> {
    return this.#calls.assembling(recording, executionArn, sinceMs, facts);
  }

  streamingStopped(recording: Recording, stopFragmentNumber: bigint): Promise<void> {
    return this.#calls.streamingStopped(recording, stopFragmentNumber);
  }

  learn(recording: Recording, facts: ContactFacts, eventTime: string): Promise<void> {
    return this.#calls.learn(recording, facts, eventTime);
  }

  confirm(claim: AssemblyClaim): Promise<void> {
    return this.#calls.confirm(claim);
  }

  async #look(id: string): Promise<void> {
    const checkpoint = await this.#checkpoints.read(id);
    if (checkpoint?.erasedAt !== undefined) throw new RecordingErased(id);
  }
}
