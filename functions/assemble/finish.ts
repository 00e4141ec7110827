/** What comes of the files that a pass has written: they are put in their place, or give way to better ones. */
import { wavKey } from '../../recording/audio/files/keys.ts';
import type { StoredFile } from '../../recording/call-record.ts';
import { filesBeside } from '../../recording/further-files.ts';
import type { Judgement } from '../../recording/losses/judgement.ts';
import type { AssemblyRun } from './assembly-run.ts';
import type { Recorded } from './completion.ts';
import type { Pass } from './pass.ts';
import type { WrittenFiles } from './recording-files.ts';

const NOT_MADE_WHY =
  'the earlier WAV was kept, since the tape gives less now than it holds; calls fetch makes a file of it';

/**
 * @param earlier files of an earlier assembly
 * @returns undefined when there is no audio: then there is no file either
 * @throws when the WAV could not be stored, or not replaced; AssemblySuperseded
 */
export async function finishFiles(
  { ports, recording, startedAt, formats, replace }: AssemblyRun,
  { timeline, files }: Pass,
  { standing }: Judgement,
  earlier: readonly StoredFile[],
): Promise<Recorded | undefined> {
  const { sampleRate, frames } = timeline;
  if (standing) {
    await files.abort();
    const notMade = formats.map(({ name }) => ({ format: name, why: NOT_MADE_WHY }));
    return { audio: standing.audio, files: filesBeside(notMade, earlier, standing.audio.sha256) };
  }
  if (frames === 0) return undefined;
  let written: WrittenFiles;
  try {
    written = await files.finish(replace);
  } catch (error) {
    await files.abort();
    throw error;
  }
  const { wav, further } = written;
  const key = wavKey(recording, startedAt);
  const { bucket } = ports.recordings;
  const { bytes, sha256 } = wav;
  const audio = { bucket, key, bytes, sha256, sampleRate, channels: 2, frames } as const;
  return { audio, files: filesBeside(further, earlier, sha256) };
}
