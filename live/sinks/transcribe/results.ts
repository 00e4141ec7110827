/** A result of the service's as what was said, at the WAV's frames. */
import type { TranscribeResult } from '../../../ports/transcribe/transcribe.ts';
import { isHeard, saidOf, type SaidUtterance } from '../../../recording/transcript/said.ts';
import { speakerOf } from '../../../recording/transcript/segment.ts';
import type { FrameSpan } from '../../../recording/transcript/taken-back.ts';
import type { Edge } from './stream-map.ts';

/** @returns the WAV's frame of a second of the stream */
export type FrameAt = (seconds: number, edge: Edge) => number;

export interface Places {
  readonly frameAt: FrameAt;
  /** Whether what was given there doesn’t belong where it was given. */
  readonly isGone: (seconds: number) => boolean;
}

interface TimedWord {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly startFrame: number;
  readonly endFrame: number;
  readonly confidence?: number;
  readonly pii?: string;
}

/** Words belong together where they are as far apart in the WAV as in the stream. */
const TOLERANCE_SECONDS = 0.5;

/** @returns utterances; undefined in the place of one that can't be */
export function saidIn(
  result: TranscribeResult,
  { frameAt, isGone }: Places,
  sampleRate: number,
): (SaidUtterance | undefined)[] {
  const { startSeconds, endSeconds, text, isPartial, language, channel } = result;
  if (text.trim() === '') return [];
  const all = wordsIn(result, frameAt, sampleRate);
  if (all.length === 0 && isGone((startSeconds + endSeconds) / 2)) return [];
  const words = all.filter((word) => !isGone((word.startSeconds + word.endSeconds) / 2));
  const parts = partsOf(words, sampleRate);
  const isWhole = parts.length < 2 && words.length === all.length;
  const common = { channel: speakerOf(channel), language, final: !isPartial };
  const whole = wholeOf(placeOf(startSeconds, endSeconds, frameAt, sampleRate), words, sampleRate);
  return (isWhole ? [words] : parts).map((part) => {
    const span = isWhole ? whole : spanOf(part);
    const said = saidOf({
      ...common,
      ...span,
      // A span may have grown together, where what lies between its edges is filler.
      endFrame: Math.max(span.endFrame, span.startFrame + 1),
      text: isWhole ? text : part.map((word) => word.text).join(' '),
      words: part,
    });
    return said === undefined || isHeard(said) ? undefined : said;
  });
}

/**
 * Where it is in the WAV. Its edges are rounded, and may lie a frame outside of what was sent of it: among something else,
 * where it came late. Its middle doesn’t.
 */
function placeOf(startSeconds: number, endSeconds: number, frameAt: FrameAt, sampleRate: number): FrameSpan {
  const startFrame = frameAt(startSeconds, 'start');
  const endFrame = frameAt(endSeconds, 'end');
  const frames = (endSeconds - startSeconds) * sampleRate;
  const tolerance = TOLERANCE_SECONDS * sampleRate;
  if (startFrame <= endFrame && endFrame - startFrame <= frames + tolerance) return { startFrame, endFrame };
  const middle = frameAt((startSeconds + endSeconds) / 2, 'start');
  const near = (frame: number, otherwise: number) =>
    Math.abs(frame - middle) <= frames / 2 + tolerance ? frame : Math.round(otherwise);
  return {
    startFrame: near(startFrame, middle - frames / 2),
    endFrame: near(endFrame, middle + frames / 2),
  };
}

/** As far as its words are near. */
function wholeOf(span: FrameSpan, words: readonly TimedWord[], sampleRate: number): FrameSpan {
  // What is no time isn’t made one.
  if (words.length === 0 || Number.isNaN(span.startFrame + span.endFrame)) return span;
  const own = spanOf(words);
  const near = (frame: number, other: number) =>
    Math.abs(frame - other) <= TOLERANCE_SECONDS * sampleRate ? frame : other;
  return {
    startFrame: near(span.startFrame, own.startFrame),
    endFrame: near(span.endFrame, own.endFrame),
  };
}

/** Punctuation goes with the word before it. */
function wordsIn({ items, entities }: TranscribeResult, frameAt: FrameAt, sampleRate: number): TimedWord[] {
  const words: TimedWord[] = [];
  for (const { text, isPunctuation, startSeconds, endSeconds, confidence } of items) {
    const last = words.at(-1);
    if (isPunctuation && last !== undefined) words[words.length - 1] = { ...last, text: last.text + text };
    if (isPunctuation || text.trim() === '') continue;
    const place = placeOf(startSeconds, endSeconds, frameAt, sampleRate);
    const { startFrame } = place;
    const endFrame = Math.max(startFrame, place.endFrame);
    const middle = (startSeconds + endSeconds) / 2;
    const entity = entities.find((one) => one.startSeconds <= middle && middle <= one.endSeconds);
    words.push({
      text,
      startSeconds,
      endSeconds,
      startFrame,
      endFrame,
      ...(confidence !== undefined && { confidence }),
      ...(entity !== undefined && { pii: entity.type }),
    });
  }
  return words;
}

/** What came late, or was silence that nothing stands for, may lie amid what the service took for one utterance. */
function partsOf(words: readonly TimedWord[], sampleRate: number): TimedWord[][] {
  const parts: TimedWord[][] = [];
  for (const word of words) {
    const last = parts.at(-1)?.at(-1);
    const apart =
      last && (word.startFrame - last.endFrame) / sampleRate - (word.startSeconds - last.endSeconds);
    if (apart !== undefined && Math.abs(apart) <= TOLERANCE_SECONDS) parts.at(-1)?.push(word);
    else parts.push([word]);
  }
  return parts;
}

function spanOf(words: readonly TimedWord[]) {
  return {
    startFrame: Math.min(...words.map(({ startFrame }) => startFrame)),
    endFrame: Math.max(...words.map(({ endFrame }) => endFrame)),
  };
}
