/**
 * What was said, beside the WAV: made of the rows that stand there when the recording is assembled. Whatever goes wrong with it is
 * said in the record, and changes nothing else.
 */
import type { Recordings } from '../../ports/recordings/recordings.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import { transcriptOf, type WavPositions } from '../../recording/transcript/document.ts';
import { transcriptFacts, transcriptFiles } from '../../recording/transcript/files.ts';
import type { TranscriptSource } from '../../recording/transcript/segment.ts';
import type { TranscriptFacts } from '../../recording/transcript-facts.ts';
import type { Replace } from './replace.ts';

export interface TranscriptPorts {
  /** Undefined where nothing is written down of what is said. */
  readonly transcripts?: Transcripts | undefined;
  readonly recordings: Recordings;
  readonly telemetry: Pick<Telemetry, 'warn'>;
}

/**
 * @param earlier what the record says of an earlier one: rows expire, and its files may stand there still
 * @returns undefined where nothing was written down
 */
export async function writeTranscript(
  { transcripts, recordings, telemetry }: TranscriptPorts,
  replace: Replace,
  recording: Recording,
  startedAt: Date,
  wav: WavPositions,
  preferred: TranscriptSource | undefined,
  earlier: TranscriptFacts | undefined,
): Promise<TranscriptFacts | undefined> {
  if (transcripts === undefined) return earlier;
  try {
    const rows = await transcripts.ofRecording(recordingId(recording));
    const transcript = transcriptOf(rows, wav, preferred);
    if (transcript === undefined) return earlier;
    for (const { key, bytes, contentType, tagging } of transcriptFiles(transcript, recording, startedAt))
      await replace(key, (over) => recordings.put(key, bytes, contentType, over, tagging));
    return transcriptFacts(transcript, recording, startedAt);
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    telemetry.warn('what was said can’t be written beside the WAV', { error: name });
    return { why: `it could not be written beside the WAV (${name}); an assembly anew tries again` };
  }
}
