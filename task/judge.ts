/** Is the call over? Pure: no promise, no port, no clock. */
import { type End, ENDS, type Situation } from './ends.ts';

/** The first end of the table that applies. */
export function judge(situation: Situation): End | undefined {
  for (const { endOf } of ENDS) {
    const end = endOf(situation);
    if (end) return end;
  }
  return undefined;
}
