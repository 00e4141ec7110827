/**
 * When a listener leaves that has a task of its own. Beside a recorder it is told to by that one's end; here nobody tells it, and
 * one that waits for somebody who never connects, or for a server that takes nothing, would cost its task's price for as long as
 * its limit is.
 */
import { type Recording, recordingId } from '../recording/identity.ts';
import type { FollowPorts } from './follow.ts';

/** How often it is looked whether the recording has ended. Each look is a read of the table. */
const LOOK_MS = 30_000;
/** How long the rest may take, from then on: the last segments, as fast as whoever listens takes them. */
export const REST_MS = 300_000;

/** @returns whether the recording ended, or was erased, so long ago that it is time to leave; false: the signal came first */
export async function leaveAfterEnd(
  { checkpoints, clock }: Pick<FollowPorts, 'checkpoints' | 'clock'>,
  recording: Recording,
  signal: AbortSignal,
): Promise<boolean> {
  const id = recordingId(recording);
  while (!signal.aborted) {
    await clock.sleep(LOOK_MS, signal);
    // A table that can't be asked now is asked again.
    const checkpoint = await checkpoints.read(id).catch(() => undefined);
    if (checkpoint?.ended === undefined && checkpoint?.erasedAt === undefined) continue;
    await clock.sleep(REST_MS, signal);
    return !isAborted(signal);
  }
  return false;
}

/** Now, and not when it was last asked. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
