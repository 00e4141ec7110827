/**
 * What was said, as it is kept: rows of table `…-transcripts`. A row is a piece of one side's speech with the times of its
 * words, or a span that could not be written down, and why. Positions are the WAV's as it was known when they were written:
 * where a beginning was found only later, {@link frameShiftOf} tells how far they lie from the WAV's own.
 */
import type { Channel } from '../audio/pcm.ts';

/** Who spoke; the index is the WAV's channel. */
export const SPEAKERS = ['CUSTOMER', 'AGENT'] as const;
export type Speaker = (typeof SPEAKERS)[number];

/** What wrote it down: a recogniser of one's own, or Amazon Transcribe. */
export const TRANSCRIPT_SOURCES = ['recognise', 'transcribe'] as const;
export type TranscriptSource = (typeof TRANSCRIPT_SOURCES)[number];

/**
 * Why a span wasn't written down:
 * - `BEHIND`: the source was behind, and a setting wants what is said now before all that was said
 * - `END`: the call was over before it could be
 * - `LOST`: it was given, but what was said of it was lost with its source, and can't be asked for again
 * - `REFUSED`: the source refused to write it down, or can't be reached
 */
export const UNTRANSCRIBED_WHYS = ['BEHIND', 'END', 'LOST', 'REFUSED'] as const;
export type UntranscribedWhy = (typeof UNTRANSCRIBED_WHYS)[number];

/** Times are ms from frame 0. */
export interface Word {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 to 1; absent where the source doesn't say. */
  readonly confidence?: number;
  /** Of a word that the source takes for personal: what it is, such as `NAME`. */
  readonly pii?: string;
}

/** What both kinds of rows have. */
interface Row {
  readonly recordingId: string;
  /** `<start frame, 12 digits>#<CUSTOMER|AGENT>#<source>`, and `#untranscribed` behind it where it is such a span. */
  readonly segmentId: string;
  /** From the frame 0 that was known when it was written. */
  readonly startMs: number;
  readonly endMs: number;
  /** Epoch ms of `startMs`. */
  readonly startedAt: number;
  readonly channel: Speaker;
  readonly source: TranscriptSource;
  /** Epoch second at which the row expires; absent where it doesn't. */
  readonly expiresAt?: number;
}

export interface Segment extends Row {
  readonly text: string;
  /** In order; none where the source tells no times. */
  readonly words: readonly Word[];
  readonly model?: string;
  /** Such as `en`, or `en-US`. */
  readonly language?: string;
}

export interface Untranscribed extends Row {
  readonly untranscribed: UntranscribedWhy;
}

export type TranscriptRow = Segment | Untranscribed;

/** Twelve digits of frames are half a year at 48 kHz. */
const FRAME_DIGITS = 12;
const SEGMENT_ID = /^([0-9]{12})#(CUSTOMER|AGENT)#(recognise|transcribe)(#untranscribed)?$/;

export function isUntranscribed(row: TranscriptRow): row is Untranscribed {
  return 'untranscribed' in row;
}

export function isSegment(row: TranscriptRow): row is Segment {
  return !isUntranscribed(row);
}

export function speakerOf(channel: Channel): Speaker {
  return SPEAKERS[channel];
}

export function channelOf(speaker: Speaker): Channel {
  return speaker === 'CUSTOMER' ? 0 : 1;
}

export function segmentId(startFrame: number, speaker: Speaker, source: TranscriptSource): string {
  return `${String(startFrame).padStart(FRAME_DIGITS, '0')}#${speaker}#${source}`;
}

export function untranscribedId(startFrame: number, speaker: Speaker, source: TranscriptSource): string {
  return `${segmentId(startFrame, speaker, source)}#untranscribed`;
}

export function isSegmentId(text: string): boolean {
  return SEGMENT_ID.test(text);
}

/** By time; of two at the same time the customer's first. */
export function inOrder<T extends TranscriptRow>(rows: readonly T[]): T[] {
  const compare = (a: T, b: T) =>
    a.startMs - b.startMs || channelOf(a.channel) - channelOf(b.channel) || order(a.segmentId, b.segmentId);
  return rows.toSorted(compare);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Epoch ms of the frame 0 that a row's positions count from. */
export function originOf({ startedAt, startMs }: Pick<TranscriptRow, 'startedAt' | 'startMs'>): number {
  return startedAt - startMs;
}

/** Less than two ms may be no shift: positions are rounded to whole ones. */
const SAME_ORIGIN_MS = 2;

/** A row's span in frames, counted from another frame 0 where the beginning was found after it was written. */
export function framesOf(
  row: Pick<TranscriptRow, 'startMs' | 'endMs' | 'startedAt'>,
  { originMs, sampleRate }: { readonly originMs: number; readonly sampleRate: number },
): { readonly startFrame: number; readonly endFrame: number } {
  const shiftMs = originOf(row) - Math.round(originMs);
  const by = Math.abs(shiftMs) < SAME_ORIGIN_MS ? 0 : shiftMs;
  const frame = (ms: number) => Math.round(((ms + by) * sampleRate) / 1000);
  return { startFrame: frame(row.startMs), endFrame: frame(row.endMs) };
}

/**
 * Frames to add to the rows' positions to have the WAV's. 0 where nothing was found of the call's beginning later.
 * @param originMs epoch ms of the WAV's frame 0
 */
export function frameShiftOf(rows: readonly TranscriptRow[], originMs: number, sampleRate: number): number {
  const [first] = rows;
  if (first === undefined) return 0;
  const shiftMs = originOf(first) - Math.round(originMs);
  return Math.abs(shiftMs) < SAME_ORIGIN_MS ? 0 : Math.round((shiftMs * sampleRate) / 1000);
}
