/** Rows of what was said at a place where it doesn't belong (`MOVED`) are taken back. */
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import { isSegment, type Speaker, type TranscriptSource } from '../../recording/transcript/segment.ts';
import { type FrameSpan, segmentWithout } from '../../recording/transcript/taken-back.ts';

export interface Whose {
  readonly recordingId: string;
  readonly source: TranscriptSource;
  readonly channel: Speaker;
  readonly originMs: number;
  readonly sampleRate: number;
}

/** What stays of a row is there before the row changes: whoever breaks off takes back no more than was to be. */
export async function takeBack(transcripts: Transcripts, whose: Whose, span: FrameSpan): Promise<void> {
  for (const row of await transcripts.ofRecording(whose.recordingId)) {
    if (!isSegment(row) || row.source !== whose.source || row.channel !== whose.channel) continue;
    const parts = segmentWithout(row, span, whose);
    if (parts[0] === row) continue;
    for (const part of parts) if (part.segmentId !== row.segmentId) await transcripts.put(part);
    const [same] = parts.filter(({ segmentId }) => segmentId === row.segmentId);
    if (same) await transcripts.replace(same);
    else await transcripts.remove(row);
  }
}
