/** What a call record says of the recording’s transcript. */

/** How writing down what was said went. The recording’s own status says nothing of it, nor does this of the recording. */
export type TranscriptFacts = WrittenTranscript | FailedTranscript;

export interface WrittenTranscript {
  /** The object’s key, in the WAV’s bucket; `.vtt` and `.txt` are beside it. */
  readonly key: string;
  readonly segments: number;
  readonly words: number;
  /** Spans that nobody wrote down, and how long they are in all, of both sides. */
  readonly untranscribed: number;
  readonly untranscribedMs: number;
  /** Who wrote it down, the preferred one first. */
  readonly sources: readonly string[];
  /** Frames to add to its positions to have the WAV’s. */
  readonly frameShift: number;
}

export interface FailedTranscript {
  /** Why there are no files of what was written down, in words. */
  readonly why: string;
}

export function isWritten(facts: TranscriptFacts): facts is WrittenTranscript {
  return 'key' in facts;
}
