/** Whether there is still somebody who records a call: otherwise nothing more comes onto its tape. */
import type { CallRecord } from '../../recording/call-record.ts';
import type { Access } from '../access/access.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';

const LOOK_MS = 10_000;
/** So often in a row an execution must have been found over; DescribeExecution is eventually consistent. */
const LOOKS_MAX = 2;

/**
 * @param work ends when its signal is aborted: by Ctrl-C, or where nobody records any more
 * @throws CliError where nobody does, and the recording hasn't ended
 */
export async function whileRecorded<T>(
  access: Access,
  io: Io,
  call: CallRecord,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const gone = new AbortController();
  const done = new AbortController();
  const watching = watch(access, io, call, done.signal, () => {
    gone.abort();
  });
  try {
    const result = await work(AbortSignal.any([io.signal, gone.signal]));
    if (gone.signal.aborted)
      throw new CliError(
        EXIT.notComplete,
        'the execution is over, and the recording isn’t finished',
        access.howToGoOn(call.recordingId),
      );
    return result;
  } finally {
    done.abort();
    await watching;
  }
}

async function watch(
  access: Access,
  io: Io,
  call: CallRecord,
  done: AbortSignal,
  onGone: () => void,
): Promise<void> {
  for (let dead = 0; dead < LOOKS_MAX;) {
    await io.clock.sleep(LOOK_MS, done);
    if (done.aborted) return;
    const checkpoint = await access.checkpoints.read(call.recordingId).catch(() => undefined);
    const state = await access.states.stateOf(checkpoint?.owner ?? call.executionArn).catch(() => 'running');
    dead = state === 'running' || checkpoint?.ended !== undefined ? 0 : dead + 1;
  }
  onGone();
}
