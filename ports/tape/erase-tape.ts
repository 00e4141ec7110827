import type { Recording } from '../../recording/identity.ts';
import type { Tape } from './tape.ts';

/** All that is on the tape of a recording which has been erased. Done again, it removes what has come since. */
export async function eraseTape(tape: Pick<Tape, 'list' | 'remove'>, recording: Recording): Promise<void> {
  for await (const { key } of tape.list(recording)) await tape.remove(key);
}
