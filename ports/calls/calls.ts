import type { CallRecord, Completion, ContactFacts, NewCall } from '../../recording/call-record.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';

/**
 * A record of a contact as far as it can be read: what is damaged, or written by a newer version, is left out. One bad
 * record must not keep the contact's other recordings from being recorded and assembled.
 */
export type ContactCall = Pick<NewCall, 'contactId' | 'startFragmentNumber'> & Partial<CallRecord>;

/** What an execution's input says of a recording whose record has been lost. */
export type ExecutionFacts = Pick<NewCall, 'streamArn' | 'startedAt' | 'instanceArn'>;

/** The calls table. Not written while audio flows. Reads by key are strongly consistent. */
export interface Calls {
  /**
   * Writes the record if there is none yet. @param by who is about to start the execution.
   * @returns the record that stood there already, or undefined when this one was written.
   */
  create(call: NewCall, by?: Starter): Promise<CallRecord | undefined>;
  get(recording: Recording): Promise<CallRecord | undefined>;
  /** Every recording of a contact, in order of start fragment; each as far as it can be read. */
  ofContact(contactId: string): Promise<ContactCall[]>;
  /**
   * The start failed for good: FAILED, and why. Only while the record says RECORDING, is of that execution, and nobody
   * has taken the start over: a request that comes late fails no start but its own.
   */
  startFailed(recording: Recording, executionArn: string, why: string, by: Starter): Promise<void>;
  /**
   * Takes over the start from whoever began earlier: RECORDING, without `why`. Only on a record of that execution that
   * says RECORDING, or that {@link startFailed} wrote.
   * @returns whether the record waits for that execution now (also after an earlier call, or for a later starter).
   */
  startAgain(recording: Recording, executionArn: string, by: Starter): Promise<boolean>;
  /**
   * The flow has stopped streaming: the session's last fragment. Where another one stands already, the later of the two
   * does: nothing that streamed may be left out. In any state; does nothing where there is no such record.
   */
  streamingStopped(recording: Recording, stopFragmentNumber: bigint): Promise<void>;
  /**
   * What a contact event told, each fact guarded by the event's own time (ISO 8601, UTC, with milliseconds): a fact
   * of a later event stands, an earlier or repeated one changes nothing; so that the order of events doesn't
   * matter. Does nothing where there is no such record.
   */
  learn(recording: Recording, facts: ContactFacts, eventTime: string): Promise<void>;
  /**
   * ASSEMBLING, the execution that the recording belongs to, and the assembly that began at `sinceMs`. Makes the
   * record, of `facts`, if it is missing. @throws AssemblySuperseded when one that began later stands there.
   */
  assembling(
    recording: Recording,
    executionArn: string,
    sinceMs: number,
    facts: ExecutionFacts,
  ): Promise<AssemblyClaim>;
  /** @throws AssemblySuperseded, CallMissing */
  confirm(claim: AssemblyClaim): Promise<void>;
  /**
   * The result of an assembly, and facts that no event brought (they never replace any).
   * @returns the record as it stands then. @throws AssemblySuperseded, CallMissing
   */
  complete(claim: AssemblyClaim, completion: Completion, facts: ContactFacts): Promise<CallRecord>;
}

/** Who starts an execution: in the order of beginning. */
export interface Starter {
  /** Epoch ms. */
  readonly beganAtMs: number;
  /** Tells it from others that began at the same time. */
  readonly id: string;
}

/** An assembly's hold on a record, until one that began later takes it. */
export interface AssemblyClaim {
  readonly recording: Recording;
  /** When it began (ISO 8601, UTC, with milliseconds), and what tells it from another of that time. */
  readonly assembly: string;
}

/** When an assembly that began later has taken the record: this one has nothing more to say. */
export class AssemblySuperseded extends Error {
  override readonly name = 'AssemblySuperseded';

  constructor({ recording, assembly }: AssemblyClaim) {
    super(`the assembly of ${recordingId(recording)} that began ${assembly} was superseded by a later one`);
  }
}

/** When a record that has to be there is not: somebody deleted it. */
export class CallMissing extends Error {
  override readonly name = 'CallMissing';

  constructor(id: string) {
    super(`the calls table has no record of recording ${id}; it may have been deleted`);
  }
}
