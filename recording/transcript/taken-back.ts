/**
 * What was said where nobody spoke: a side's audio was given at a place at which it doesn't belong, and was written down before
 * that was known. Its words are taken back; where they belong they are said anew.
 */
import { partOf, runsOf } from './merge.ts';
import { framesOf, type Segment, segmentId } from './segment.ts';

/** Frames. */
export interface FrameSpan {
  readonly startFrame: number;
  /** One past the last. */
  readonly endFrame: number;
}

interface Counted {
  readonly originMs: number;
  readonly sampleRate: number;
}

export function isWithin({ startFrame, endFrame }: FrameSpan, span: FrameSpan): boolean {
  const middle = (startFrame + endFrame) / 2;
  return span.startFrame <= middle && middle < span.endFrame;
}

/** The parts of it of which that span is none. */
export function spanWithout(one: FrameSpan, span: FrameSpan): FrameSpan[] {
  const before = { startFrame: one.startFrame, endFrame: Math.min(one.endFrame, span.startFrame) };
  const after = { startFrame: Math.max(one.startFrame, span.endFrame), endFrame: one.endFrame };
  return [before, after].filter(({ startFrame, endFrame }) => startFrame < endFrame);
}

/** @returns the same segment where nothing of it was said there; otherwise what of it stays */
export function segmentWithout(segment: Segment, span: FrameSpan, counted: Counted): Segment[] {
  const framesOfPart = (part: { readonly startMs: number; readonly endMs: number }) =>
    framesOf({ ...part, startedAt: segment.startedAt - segment.startMs + part.startMs }, counted);
  if (segment.words.length === 0) return isWithin(framesOfPart(segment), span) ? [] : [segment];
  const kept = segment.words.flatMap((word, index) => (isWithin(framesOfPart(word), span) ? [] : [index]));
  if (kept.length === segment.words.length) return [segment];
  return runsOf(kept).flatMap((run) =>
    partOf(segment, run).map((part) => {
      if (run[0] === 0) return { ...part, startMs: segment.startMs, startedAt: segment.startedAt };
      const startFrame = Math.round((part.startMs * counted.sampleRate) / 1000);
      return { ...part, segmentId: segmentId(startFrame, part.channel, part.source) };
    }),
  );
}
