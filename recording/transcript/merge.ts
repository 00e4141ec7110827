/** One transcript of what several sources wrote down: the preferred one's, and another's where that has nothing. */
import { tokensOf } from './masking/tokens.ts';
import {
  inOrder,
  isSegment,
  isUntranscribed,
  type Segment,
  type Speaker,
  type TranscriptRow,
  type TranscriptSource,
  type Untranscribed,
  type Word,
} from './segment.ts';

export interface MergedTranscript {
  /** Of which there are rows, the preferred one first. */
  readonly sources: readonly TranscriptSource[];
  /** In order. */
  readonly segments: readonly Segment[];
  /** What no source wrote down, in order. */
  readonly untranscribed: readonly Untranscribed[];
}

interface Span {
  readonly channel: Speaker;
  readonly startMs: number;
  readonly endMs: number;
}

/** Two sources set a word's edges by so much apart. */
const TOLERANCE_MS = 200;

/** @param preferred where it has written anything; otherwise the other one is */
export function mergeSources(
  rows: readonly TranscriptRow[],
  preferred: TranscriptSource = 'recognise',
): MergedTranscript {
  const named = [...new Set(rows.map(({ source }) => source))];
  const sources = named.toSorted(
    (a, b) => Number(b === preferred) - Number(a === preferred) || (a < b ? -1 : 1),
  );
  let segments: Segment[] = [];
  for (const source of sources) {
    const own = rows.filter((row) => row.source === source).filter(isSegment);
    const before = segments;
    segments = [...before, ...own.flatMap((segment) => whatIsNew(segment, before))];
  }
  return { sources, segments: inOrder(segments), untranscribed: inOrder(byNobody(rows, sources)) };
}

/** What of a segment says what isn't there yet. */
function whatIsNew(segment: Segment, before: readonly Segment[]): Segment[] {
  const there = before.filter(({ channel }) => channel === segment.channel);
  if (segment.words.length === 0) return isThere(segment, there) ? [] : [segment];
  const kept = segment.words.flatMap((word, index) => (isThere(word, there) ? [] : [index]));
  if (kept.length === segment.words.length) return [segment];
  return runsOf(kept).flatMap((run) => partOf(segment, run));
}

function isThere({ startMs, endMs }: Pick<Word, 'startMs' | 'endMs'>, there: readonly Segment[]): boolean {
  const middle = (startMs + endMs) / 2;
  return there.some((one) => one.startMs - TOLERANCE_MS <= middle && middle <= one.endMs + TOLERANCE_MS);
}

/** Numbers that follow one another. */
export function runsOf(numbers: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.at(-1) === number - 1) last.push(number);
    else runs.push([number]);
  }
  return runs;
}

/** Those words of it, which follow one another. */
export function partOf(segment: Segment, indexes: readonly number[]): Segment[] {
  const words = segment.words.slice(indexes[0], (indexes.at(-1) ?? 0) + 1);
  const tokens = tokensOf(segment);
  const [first, last] = [words[0], words.at(-1)];
  if (!first || !last) return [];
  const [from, to] = [tokens[indexes[0] ?? 0]?.from, tokens[indexes.at(-1) ?? 0]?.to];
  const startedAt = segment.startedAt + first.startMs - segment.startMs;
  const endMs = Math.max(...words.map((word) => word.endMs));
  return [
    { ...segment, text: segment.text.slice(from, to), words, startMs: first.startMs, endMs, startedAt },
  ];
}

/** Spans that each of the sources couldn't write down. */
function byNobody(rows: readonly TranscriptRow[], sources: readonly TranscriptSource[]): Untranscribed[] {
  const spans = rows.filter(isUntranscribed);
  const [first, ...others] = sources;
  return others.reduce(
    (common, source) => {
      const of = spans.filter((span) => span.source === source);
      return common.flatMap((span) => of.flatMap((other) => both(span, other)));
    },
    spans.filter(({ source }) => source === first),
  );
}

function both(a: Untranscribed, b: Span): Untranscribed[] {
  const startMs = Math.max(a.startMs, b.startMs);
  const endMs = Math.min(a.endMs, b.endMs);
  if (a.channel !== b.channel || startMs >= endMs) return [];
  return [{ ...a, startMs, endMs, startedAt: a.startedAt + startMs - a.startMs }];
}
