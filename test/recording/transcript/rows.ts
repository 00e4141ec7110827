/** Rows for tests. */
import {
  type Segment,
  segmentId,
  type Speaker,
  type TranscriptSource,
  type Untranscribed,
  untranscribedId,
} from '../../../recording/transcript/segment.ts';

export const RATE = 8_000;
export const ORIGIN_MS = 1_760_000_000_000;
const RECORDING_ID = 'c_1';

interface RowFacts {
  readonly startMs: number;
  readonly channel?: Speaker;
  readonly source?: TranscriptSource;
  readonly originMs?: number;
}

/** Each word takes 400 ms, and 100 ms are between them. */
export function segment(text: string, facts: RowFacts): Segment {
  const { startMs, channel = 'CUSTOMER', source = 'recognise', originMs = ORIGIN_MS } = facts;
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startMs: startMs + index * 500,
    endMs: startMs + index * 500 + 400,
    confidence: 0.9,
  }));
  return {
    recordingId: RECORDING_ID,
    segmentId: segmentId((startMs * RATE) / 1000, channel, source),
    startMs,
    endMs: words.at(-1)?.endMs ?? startMs,
    startedAt: originMs + startMs,
    channel,
    text,
    words,
    source,
    model: 'tiny.en',
    language: 'en',
    expiresAt: 2_000_000_000,
  };
}

export function untranscribed(endMs: number, facts: RowFacts): Untranscribed {
  const { startMs, channel = 'CUSTOMER', source = 'recognise', originMs = ORIGIN_MS } = facts;
  return {
    recordingId: RECORDING_ID,
    segmentId: untranscribedId((startMs * RATE) / 1000, channel, source),
    startMs,
    endMs,
    startedAt: originMs + startMs,
    channel,
    source,
    untranscribed: 'END',
  };
}
