/**
 * How an assembly writes the recording's objects, so that one that is late never replaces what a later one wrote:
 * look at what stands there, make sure that no later one has begun, replace what was seen. A later one has its name
 * in the record before it writes any object: so either its name is seen, or its object is another than was seen.
 */
import type { AssemblyClaim, Calls } from '../../ports/calls/calls.ts';
import { ObjectReplaced, type Recordings } from '../../ports/recordings/recordings.ts';

/** An earlier assembly may have written in between; or it was one's own write, and its answer was lost. */
const TRIES_MAX = 3;

/** @throws AssemblySuperseded; ObjectReplaced when others keep writing. */
export type Replace = (key: string, write: (over: string | undefined) => Promise<void>) => Promise<void>;

export function replacing(recordings: Recordings, calls: Calls, claim: AssemblyClaim): Replace {
  return async (key, write) => {
    for (let attempt = 1; ; attempt += 1) {
      const over = await recordings.standing(key);
      await calls.confirm(claim);
      try {
        await write(over);
        return;
      } catch (error) {
        if (!(error instanceof ObjectReplaced) || attempt === TRIES_MAX) throw error;
      }
    }
  };
}
