/** The operator's `calls erase`, each request of which waits for its turn. */
import { eraseCalls } from '../../cli/calls/erase/command.ts';
import { EXIT } from '../../cli/terminal/exit.ts';
import type { ExecutionStates } from '../../ports/executions/execution-states.ts';
import type { Executions } from '../../ports/executions/executions.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import { accessOf, type Place, type Through } from '../simulation/operators-access.ts';
import { ioForTest } from '../support/io.ts';

/** An operator who is told to come back later does. */
const AGAIN_MS = 60_000;

/** Until the command says that it is done. @param isRunning of the execution of that ARN */
export async function erase(
  recording: Recording,
  place: Place,
  isRunning: (executionArn: string) => boolean,
  through: Through,
): Promise<void> {
  const args = { ids: [recordingId(recording)], yes: true, 'dry-run': false };
  for (;;) {
    const io = ioForTest({ clock: place.clock });
    const access = accessOf(place, executions(isRunning), through);
    const code = await eraseCalls(access, io, args).catch(() => EXIT.failed);
    if (code === EXIT.ok) return;
    await place.clock.sleep(AGAIN_MS);
  }
}

function executions(isRunning: (executionArn: string) => boolean): Executions & ExecutionStates {
  return {
    arnOf: (name) => name,
    start: () => Promise.reject(new Error('nothing is started here')),
    stateOf: (executionArn) => Promise.resolve(isRunning(executionArn) ? 'running' : 'over'),
    overSinceMs: () => Promise.resolve(undefined),
  };
}
