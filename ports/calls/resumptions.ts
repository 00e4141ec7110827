import type { CallRecord } from '../../recording/call-record.ts';
import type { Resumption } from '../../recording/resumptions.ts';
import type { Starter } from './calls.ts';

/**
 * What a call record says of resumptions. Each write is made only while the record says the status, and notes as many of them, as were seen,
 * so that of several who resume a recording at the same time one does it. @returns whether it was written
 */
export interface Resumptions {
  /**
   * Before the handover: a start of before can't fail any more, and a record that is under way is that execution's. One that
   * has come to an end keeps it, and whose it is, until it is assembled again.
   */
  resuming(seen: CallRecord, resumption: Resumption, executionArn: string, by: Starter): Promise<boolean>;
  /** Nothing is started any more. A record that is still under way then says FAILED, and why. */
  givingUp(seen: CallRecord, resumption: Resumption): Promise<boolean>;
}
