import type { CallRecord, Completion, ContactFacts, NewCall } from '../recording/call-record.ts';
import type { Recording } from '../recording/identity.ts';

/** The calls table. Not written while audio flows. Reads by key are strongly consistent. */
export interface Calls {
  /** If there is none yet. @returns the record that stood there already, or undefined when this one was written. */
  create(call: NewCall): Promise<CallRecord | undefined>;
  get(recording: Recording): Promise<CallRecord | undefined>;
  /** Every recording of a contact, in order of start fragment. */
  ofContact(contactId: string): Promise<CallRecord[]>;
  /** The start failed for good: FAILED, and why. Only while the record says RECORDING and is of that execution. */
  startFailed(recording: Recording, executionArn: string, why: string): Promise<void>;
  /** A start that had failed is tried again: RECORDING, without `why`. Only on a record that {@link startFailed} wrote. */
  startAgain(recording: Recording, executionArn: string): Promise<void>;
  /**
   * What a contact event told, each fact guarded by the event's own time (ISO 8601): a fact of a later event stands,
   * an earlier or repeated one changes nothing. Does nothing where there is no such record.
   */
  learn(recording: Recording, facts: ContactFacts, eventTime: string): Promise<void>;
  /** ASSEMBLING, and the execution that the recording belongs to. Makes the record if it is missing. */
  assembling(recording: Recording, executionArn: string): Promise<void>;
  /**
   * The result of an assembly, and facts that no event brought (they never replace any). Only where the record is
   * of that execution. @returns the record as it stands then.
   */
  complete(
    recording: Recording,
    executionArn: string,
    completion: Completion,
    facts: ContactFacts,
  ): Promise<CallRecord>;
}
