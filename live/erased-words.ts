/**
 * The recording may have been erased while a listener stood still that wrote down what was said: one that woke when the erasure
 * had taken the rows long ago. So whoever leaves looks once more, behind its last row, as a task does (task/erased-behind.ts).
 */
import type { Checkpoints } from '../ports/checkpoints/checkpoints.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import type { Transcripts } from '../ports/transcripts/transcripts.ts';
import { type Recording, recordingId } from '../recording/identity.ts';

export interface ErasedWordsPorts {
  readonly checkpoints: Pick<Checkpoints, 'read'>;
  readonly transcripts: Pick<Transcripts, 'erase'>;
  readonly telemetry: Pick<Telemetry, 'info'>;
}

/** @throws when the tables can't be asked: then whoever is begun anew looks again */
export async function removeErasedWords(
  { checkpoints, transcripts, telemetry }: ErasedWordsPorts,
  recording: Recording,
): Promise<void> {
  const id = recordingId(recording);
  const checkpoint = await checkpoints.read(id);
  if (checkpoint?.erasedAt === undefined) return;
  await transcripts.erase(id);
  telemetry.info('the recording has been erased; nothing of what was said in it is kept');
}
