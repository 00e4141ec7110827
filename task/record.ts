/**
 * Records one call: claims it, reads its fragments onto the tape until the call is over, and says so in the
 * checkpoint. The end of a body is never the end of a call; `ends.ts` lists what is.
 */
import { Superseded } from '../ports/checkpoints/checkpoints.ts';
import { eraseTape } from '../ports/tape/erase-tape.ts';
import { recordingId } from '../recording/identity.ts';
import { Recorder } from './recorder.ts';
import type { RecorderPorts, RecorderSettings } from './recorder-ports.ts';
import type { SinkEnd } from './sinks/fragment-sink.ts';
import { persistently } from './sinks/persistently.ts';

/**
 * - `ended`: `ended` stands in the checkpoint; nothing is left to do
 * - `foreign`: the recording belongs to another execution
 * - `superseded`: another task of this execution has claimed since; Step Functions' retry must claim anew
 * - `interrupted`: the signal came; what was read is stored
 */
export type Outcome = 'ended' | 'foreign' | 'superseded' | 'interrupted';

/** @throws what keeps it from going on; the task is then to be run again. */
export async function record(
  ports: RecorderPorts,
  settings: RecorderSettings,
  signal: AbortSignal,
): Promise<Outcome> {
  const id = recordingId(settings.recording);
  const result = await persistently('claim the recording', ports, () =>
    ports.checkpoints.claim(id, settings.executionArn),
  );
  if (!result.claimed) {
    if (result.checkpoint.erasedAt !== undefined) await eraseTape(ports.tape, settings.recording);
    return 'foreign';
  }
  if (result.checkpoint.ended) return 'ended';
  const recorder = new Recorder(ports, settings, result, signal);
  let end: SinkEnd = 'failed';
  try {
    const outcome = await recorder.run();
    end = outcome;
    return outcome;
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
    const { erasedAt, owner, ended } = error.checkpoint;
    end = erasedAt === undefined ? 'superseded' : 'erased';
    await (erasedAt === undefined ? recorder.leaveToAnother() : recorder.leaveNoTrace());
    if (owner !== settings.executionArn) return 'foreign';
    return ended ? 'ended' : 'superseded';
  } finally {
    recorder.close(end);
  }
}
