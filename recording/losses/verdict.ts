/** What a recording is called in the end, and why. */
import type { CallStatus, Loss } from '../call-record.ts';

export interface Verdict {
  readonly status: Extract<CallStatus, 'COMPLETE' | 'INCOMPLETE' | 'EMPTY' | 'FAILED'>;
  /** Says why, in words; absent for COMPLETE. */
  readonly why?: string;
}

const EMPTY_WHY =
  'no audio of this contact was in the stream: check that the flow starts media streaming in both directions, that the ' +
  'media streams’ retention is more than 0 hours, and that the task may use their KMS key';

/**
 * @param frames of audio in the WAV; 0 means that none is made
 * @param refused why no object of the tape may be read, where that is so: no loss, since it is all there
 */
export function verdictOf(frames: number, losses: readonly Loss[], refused?: string): Verdict {
  const [first, ...others] = losses;
  if (refused !== undefined && frames === 0) return { status: 'FAILED', why: refused };
  if (!first) return frames > 0 ? { status: 'COMPLETE' } : { status: 'EMPTY', why: EMPTY_WHY };
  const more = others.length === 0 ? '' : ` (and ${others.length} more: see losses)`;
  return { status: frames > 0 ? 'INCOMPLETE' : 'FAILED', why: `${first.why}${more}` };
}
