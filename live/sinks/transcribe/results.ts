/** A result of the service's as what was said, at the WAV's frames. */
import type { TranscribeResult } from '../../../ports/transcribe/transcribe.ts';
import { isHeard, saidOf, type SaidUtterance } from '../../../recording/transcript/said.ts';
import { speakerOf } from '../../../recording/transcript/segment.ts';
import type { Edge } from './stream-map.ts';

/** @returns the WAV's frame of a second of the stream */
export type FrameAt = (seconds: number, edge: Edge) => number;

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
  frameAt: FrameAt,
  sampleRate: number,
): (SaidUtterance | undefined)[] {
  const { startSeconds, endSeconds, text, isPartial, language, channel } = result;
  if (text.trim() === '') return [];
  const words = wordsIn(result, frameAt);
  const parts = partsOf(words, sampleRate);
  const isWhole = parts.length < 2;
  const common = { channel: speakerOf(channel), language, final: !isPartial };
  const whole = { startFrame: frameAt(startSeconds, 'start'), endFrame: frameAt(endSeconds, 'end') };
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

/** Punctuation goes with the word before it. */
function wordsIn({ items, entities }: TranscribeResult, frameAt: FrameAt): TimedWord[] {
  const words: TimedWord[] = [];
  for (const { text, isPunctuation, startSeconds, endSeconds, confidence } of items) {
    const last = words.at(-1);
    if (isPunctuation && last !== undefined) words[words.length - 1] = { ...last, text: last.text + text };
    if (isPunctuation || text.trim() === '') continue;
    const startFrame = frameAt(startSeconds, 'start');
    const endFrame = Math.max(startFrame, frameAt(endSeconds, 'end'));
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
