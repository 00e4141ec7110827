/**
 * What was said, beside the WAV: made of the rows that stand there when the recording is assembled. Whatever goes wrong
 * with it is said in the record, and changes nothing else.
 */
import { recordingId } from '../../recording/identity.ts';
import type { Judgement } from '../../recording/losses/judgement.ts';
import { transcriptOf, type WavPositions } from '../../recording/transcript/document.ts';
import { transcriptFacts, transcriptFiles } from '../../recording/transcript/files.ts';
import type { TranscriptFacts } from '../../recording/transcript-facts.ts';
import type { AssemblyRun } from './assembly-run.ts';
import type { Pass } from './pass.ts';

/**
 * A WAV that was kept keeps what was said in it, too.
 * @param earlier what the record says of an earlier one: rows expire, and its files may stand there still
 * @returns undefined where nothing was written down
 */
export async function transcriptBeside(
  run: AssemblyRun,
  { timeline }: Pass,
  { standing }: Judgement,
  earlier: TranscriptFacts | undefined,
): Promise<TranscriptFacts | undefined> {
  const { originMs } = timeline;
  if (standing || originMs === undefined) return earlier;
  try {
    return (await writeTranscript(run, { originMs, sampleRate: timeline.sampleRate })) ?? earlier;
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    run.ports.telemetry.warn('what was said can’t be written beside the WAV', { error: name });
    return { why: `it could not be written beside the WAV (${name}); an assembly anew tries again` };
  }
}

/** @returns undefined where no row stands there, or nobody writes any */
async function writeTranscript(
  { ports, recording, startedAt, replace, transcriptSource }: AssemblyRun,
  wav: WavPositions,
): Promise<TranscriptFacts | undefined> {
  const rows = (await ports.transcripts?.ofRecording(recordingId(recording))) ?? [];
  const transcript = transcriptOf(rows, wav, transcriptSource);
  if (transcript === undefined) return undefined;
  for (const { key, bytes, contentType, tagging } of transcriptFiles(transcript, recording, startedAt))
    await replace(key, (over) => ports.recordings.put(key, bytes, contentType, over, tagging));
  return transcriptFacts(transcript, recording, startedAt);
}
