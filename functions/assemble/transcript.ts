/**
 * What was said, beside the WAV: made of the rows that stand there when the recording is assembled. Whatever goes wrong with it is
 * said in the record, and changes nothing else.
 */
import type { Recordings } from '../../ports/recordings/recordings.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import {
  TRANSCRIPT_FORMATS,
  type TranscriptFormat,
  transcriptKey,
} from '../../recording/audio/files/keys.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import {
  type Transcript,
  transcriptJson,
  transcriptOf,
  type WavPositions,
} from '../../recording/transcript/document.ts';
import type { TranscriptSource } from '../../recording/transcript/segment.ts';
import { transcriptText, transcriptVtt } from '../../recording/transcript/texts.ts';
import type { TranscriptFacts, WrittenTranscript } from '../../recording/transcript-facts.ts';
import type { Replace } from './replace.ts';

export interface TranscriptPorts {
  /** Undefined where nothing is written down of what is said. */
  readonly transcripts?: Transcripts | undefined;
  readonly recordings: Recordings;
  readonly telemetry: Pick<Telemetry, 'warn'>;
}

const FORMATS: Readonly<
  Record<TranscriptFormat, { readonly contentType: string; text(of: Transcript): string }>
> = {
  json: { contentType: 'application/json', text: transcriptJson },
  vtt: { contentType: 'text/vtt', text: transcriptVtt },
  txt: { contentType: 'text/plain; charset=utf-8', text: transcriptText },
};

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
    for (const format of TRANSCRIPT_FORMATS) {
      const { contentType, text } = FORMATS[format];
      const bytes = Buffer.from(text(transcript));
      const key = transcriptKey(recording, startedAt, format);
      await replace(key, (over) => recordings.put(key, bytes, contentType, over));
    }
    return factsOf(transcript, transcriptKey(recording, startedAt, 'json'));
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    telemetry.warn('what was said can’t be written beside the WAV', { error: name });
    return { why: `it could not be written beside the WAV (${name}); an assembly anew tries again` };
  }
}

function factsOf(transcript: Transcript, key: string): WrittenTranscript {
  const { segments, untranscribed, sources, frameShift } = transcript;
  return {
    key,
    segments: segments.length,
    words: segments.reduce((sum, { text }) => sum + text.split(/\s+/).length, 0),
    untranscribed: untranscribed.length,
    untranscribedMs: untranscribed.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
    sources,
    frameShift,
  };
}
