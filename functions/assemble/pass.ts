/** One pass over the tape: its fragments in order, their audio at its place, and the files that it is written into. */
import { assembleAudio } from '../../recording/audio/assembly.ts';
import { fileKey } from '../../recording/audio/files/keys.ts';
import type { FileFormat } from '../../recording/audio/format/format.ts';
import { Timeline, type TimelineFacts } from '../../recording/audio/timeline.ts';
import type { Loss } from '../../recording/call-record.ts';
import type { RecordingRange } from '../../recording/range.ts';
import { TapeMerge, type TapeObjectContent } from '../../recording/tape/merge.ts';
import type { AssemblyRun } from './assembly-run.ts';
import { RecordingFiles } from './recording-files.ts';

/** What one pass over the tape gave. */
export interface Pass {
  readonly merge: TapeMerge;
  readonly timeline: TimelineFacts;
  /** Finishes the files, or drops them. */
  readonly files: RecordingFiles;
}

/**
 * @param tape the recording's, from its beginning
 * @param suspects losses of which an earlier assembly has told
 * @throws when the tape can't be read, or the WAV not be stored; then nothing of it is left
 */
export async function passOver(
  { ports, recording, startedAt, checkpoint, formats }: AssemblyRun,
  tape: AsyncIterable<TapeObjectContent>,
  range: RecordingRange,
  suspects: readonly Loss[],
): Promise<Pass> {
  const merge = new TapeMerge(recording, range, suspects, checkpoint.position?.lastFragmentNumber);
  const timeline = new Timeline();
  const keyOf = (format: FileFormat) => fileKey(recording, startedAt, format);
  const files = new RecordingFiles(ports, { formats, keyOf, audio: timeline });
  try {
    for await (const chunk of assembleAudio(tape, merge, timeline)) await files.write(chunk);
    const facts = timeline.facts();
    await files.end(facts.frames);
    return { merge, timeline: facts, files };
  } catch (error) {
    await files.abort();
    throw error;
  }
}
