/** A transcript as files beside the WAV, and what the call record says of them. */
import { TRANSCRIPT_FORMATS, type TranscriptFormat, transcriptKey } from '../audio/files/keys.ts';
import type { Recording } from '../identity.ts';
import type { WrittenTranscript } from '../transcript-facts.ts';
import { type Transcript, transcriptJson } from './document.ts';
import { transcriptText, transcriptVtt } from './texts.ts';

/** S3's tag of these files, by which they may expire before their recording does. */
export const TRANSCRIPT_TAG = { key: 'callspool-kind', value: 'transcript' } as const;
const TAGGING = `${TRANSCRIPT_TAG.key}=${TRANSCRIPT_TAG.value}`;

interface TranscriptFile {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Of the object, as a query. */
  readonly tagging: string;
}

const KINDS: Readonly<
  Record<TranscriptFormat, { readonly contentType: string; text(of: Transcript): string }>
> = {
  json: { contentType: 'application/json', text: transcriptJson },
  vtt: { contentType: 'text/vtt', text: transcriptVtt },
  txt: { contentType: 'text/plain; charset=utf-8', text: transcriptText },
};

export function transcriptFiles(
  transcript: Transcript,
  recording: Recording,
  startedAt: Date,
): TranscriptFile[] {
  return TRANSCRIPT_FORMATS.map((format) => ({
    key: transcriptKey(recording, startedAt, format),
    bytes: Buffer.from(KINDS[format].text(transcript)),
    contentType: KINDS[format].contentType,
    tagging: TAGGING,
  }));
}

export function transcriptFacts(
  { segments, untranscribed, sources, frameShift }: Transcript,
  recording: Recording,
  startedAt: Date,
): WrittenTranscript {
  return {
    key: transcriptKey(recording, startedAt, 'json'),
    segments: segments.length,
    words: segments.reduce((sum, { text }) => sum + text.split(/\s+/).length, 0),
    untranscribed: untranscribed.length,
    untranscribedMs: untranscribed.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
    sources,
    frameShift,
  };
}
