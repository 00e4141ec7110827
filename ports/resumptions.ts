import type { CallRecord } from '../recording/call-record.ts';
import type { Resumption } from '../recording/resumptions.ts';
import type { Starter } from './calls.ts';

/**
 * What a call record says of resumptions. Each write is made only while the record says the status, and notes as many of them, as were seen,
 * so that of several who resume a recording at the same time one does it. @returns whether it was written
 */
export interface Resumptions {
  /** Before the handover: the record is that execution's from now on, and a start of before can't fail any more. */
  resuming(seen: CallRecord, resumption: Resumption, executionArn: string, by: Starter): Promise<boolean>;
  /** Nothing is started any more. A record that is still under way then says FAILED, and why. */
  givingUp(seen: CallRecord, resumption: Resumption): Promise<boolean>;
}
