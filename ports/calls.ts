import type { CallRecord, Completion, ContactFacts, NewCall } from '../recording/call-record.ts';
import type { Recording } from '../recording/identity.ts';

/** What an execution's input says of a recording whose record has been lost. */
export type ExecutionFacts = Pick<NewCall, 'streamArn' | 'startedAt' | 'instanceArn'>;

/** The calls table. Not written while audio flows. Reads by key are strongly consistent. */
export interface Calls {
  /** If there is none yet. @returns the record that stood there already, or undefined when this one was written. */
  create(call: NewCall): Promise<CallRecord | undefined>;
  get(recording: Recording): Promise<CallRecord | undefined>;
  /** Every recording of a contact, in order of start fragment. */
  ofContact(contactId: string): Promise<CallRecord[]>;
  /** The start failed for good: FAILED, and why. Only while the record says RECORDING and is of that execution. */
  startFailed(recording: Recording, executionArn: string, why: string): Promise<void>;
  /**
   * A start that had failed is tried again: RECORDING, without `why`. Only on a record that {@link startFailed}
   * wrote. @returns whether the record waits for that execution now (also after an earlier call).
   */
  startAgain(recording: Recording, executionArn: string): Promise<boolean>;
  /**
   * What a contact event told, each fact guarded by the event's own time (ISO 8601, UTC, with milliseconds): a fact
   * of a later event stands, an earlier or repeated one changes nothing; so that the order of events doesn't
   * matter. Does nothing where there is no such record.
   */
  learn(recording: Recording, facts: ContactFacts, eventTime: string): Promise<void>;
  /** ASSEMBLING, and the execution that the recording belongs to. Makes the record, of `facts`, if it is missing. */
  assembling(recording: Recording, executionArn: string, facts: ExecutionFacts): Promise<void>;
  /**
   * The result of an assembly, and facts that no event brought (they never replace any). Only where the record is
   * of that execution. @returns the record as it stands then. @throws CallMissing when there is none.
   */
  complete(
    recording: Recording,
    executionArn: string,
    completion: Completion,
    facts: ContactFacts,
  ): Promise<CallRecord>;
}

/** When a record that has to be there is not: somebody deleted it. */
export class CallMissing extends Error {
  override readonly name = 'CallMissing';

  constructor(recordingId: string) {
    super(`the calls table has no record of recording ${recordingId}; it may have been deleted`);
  }
}
