/** Rows as a table or a file holds them: checked where they come in. */
import * as v from 'valibot';
import {
  isSegmentId,
  SPEAKERS,
  TRANSCRIPT_SOURCES,
  type TranscriptRow,
  UNTRANSCRIBED_WHYS,
} from './segment.ts';

const Ms = v.pipe(v.number(), v.safeInteger());

const WordItem = v.object({
  text: v.string(),
  startMs: Ms,
  endMs: Ms,
  confidence: v.exactOptional(v.number()),
  pii: v.exactOptional(v.string()),
});

const common = {
  recordingId: v.string(),
  segmentId: v.pipe(v.string(), v.check(isSegmentId, 'a segment’s id')),
  startMs: Ms,
  endMs: Ms,
  startedAt: Ms,
  channel: v.picklist(SPEAKERS),
  source: v.picklist(TRANSCRIPT_SOURCES),
  expiresAt: v.exactOptional(Ms),
};

export const UntranscribedItem = v.object({ ...common, untranscribed: v.picklist(UNTRANSCRIBED_WHYS) });

export const SegmentItem = v.object({
  ...common,
  text: v.string(),
  words: v.array(WordItem),
  model: v.exactOptional(v.string()),
  language: v.exactOptional(v.string()),
});

const RowItem = v.union([UntranscribedItem, SegmentItem]);

/** @returns undefined for what no program of ours has written */
export function parseRow(item: unknown): TranscriptRow | undefined {
  const { success, output } = v.safeParse(RowItem, item);
  return success ? output : undefined;
}
