/** `<start>.transcript.json` beside the WAV: a recording’s transcript as one document. */
import * as v from 'valibot';
import { mergeSources } from './merge.ts';
import { SegmentItem, UntranscribedItem } from './rows.ts';
import {
  frameShiftOf,
  originOf,
  type Segment,
  TRANSCRIPT_SOURCES,
  type TranscriptRow,
  type TranscriptSource,
  type Untranscribed,
} from './segment.ts';

export interface Transcript {
  readonly recordingId: string;
  /** Frames to add to the positions here to have the WAV’s; 0 where nothing of the beginning was found later. */
  readonly frameShift: number;
  readonly sampleRate: number;
  readonly sources: readonly TranscriptSource[];
  readonly segments: readonly Segment[];
  readonly untranscribed: readonly Untranscribed[];
}

const TranscriptFile = v.object({
  recordingId: v.string(),
  frameShift: v.pipe(v.number(), v.safeInteger()),
  sampleRate: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  sources: v.array(v.picklist(TRANSCRIPT_SOURCES)),
  segments: v.array(SegmentItem),
  untranscribed: v.array(UntranscribedItem),
});

/** What a WAV tells of its positions. */
export interface WavPositions {
  /** Epoch ms of frame 0. */
  readonly originMs: number;
  readonly sampleRate: number;
}

/** @param rows of one recording, in any order. @returns undefined where there are none */
export function transcriptOf(
  rows: readonly TranscriptRow[],
  { originMs, sampleRate }: WavPositions,
  preferred?: TranscriptSource,
): Transcript | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const aligned = rows.map((row) => asOf(row, originOf(first)));
  const { sources, segments, untranscribed } = mergeSources(aligned, preferred);
  return {
    recordingId: first.recordingId,
    frameShift: frameShiftOf(aligned, originMs, sampleRate),
    sampleRate,
    sources,
    segments: segments.map(lasting),
    untranscribed: untranscribed.map(lasting),
  };
}

/** How far positions lie from the WAV’s. */
export function shiftMsOf({ frameShift, sampleRate }: Pick<Transcript, 'frameShift' | 'sampleRate'>): number {
  return Math.round((frameShift * 1000) / sampleRate);
}

export function transcriptJson(transcript: Transcript): string {
  return `${JSON.stringify(transcript, undefined, 2)}\n`;
}

/** @returns undefined for what is no such document */
export function parseTranscript(text: string): Transcript | undefined {
  const { success, output } = v.safeParse(TranscriptFile, parsed(text));
  return success ? output : undefined;
}

/** Counted from another frame 0: sources may have begun before and after the call’s beginning was found. */
function asOf<T extends TranscriptRow>(row: T, originMs: number): T {
  const shiftMs = originOf(row) - originMs;
  if (Math.abs(shiftMs) < 2) return row;
  const moved = { startMs: row.startMs + shiftMs, endMs: row.endMs + shiftMs };
  if (!('words' in row)) return { ...row, ...moved };
  const words = row.words.map((word) => ({
    ...word,
    startMs: word.startMs + shiftMs,
    endMs: word.endMs + shiftMs,
  }));
  return { ...row, ...moved, words };
}

/** A file expires with the others of its recording. */
function lasting<T extends TranscriptRow>(row: T): Omit<T, 'expiresAt'> {
  const { expiresAt, ...lasts } = row;
  return lasts;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
