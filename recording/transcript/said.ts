/**
 * What a recogniser says: lines of JSON, from outside. Each is one of these, or is refused; whoever refuses one counts it,
 * and repeats nothing of it.
 */
import * as v from 'valibot';
import { SPEAKERS } from './segment.ts';

/** Of a line, in bytes: 25 s of speech have some hundred words. */
export const SAID_LINE_BYTES_MAX = 256 * 1024;
const WORDS_MAX = 1_000;
const TEXT_LENGTH_MAX = 10_000;
const WORD_LENGTH_MAX = 200;
const NAME = /^[\w./:+ -]{1,100}$/;
const LANGUAGE = /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/;

const Frame = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(999_999_999_999));

const PII = /^[A-Z_]{1,50}$/;

const SaidWord = v.object({
  text: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(WORD_LENGTH_MAX)),
  startFrame: Frame,
  endFrame: Frame,
  confidence: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  pii: v.optional(v.pipe(v.string(), v.regex(PII))),
});

const Utterance = v.object({
  channel: v.picklist(SPEAKERS),
  startFrame: Frame,
  endFrame: Frame,
  text: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(TEXT_LENGTH_MAX)),
  words: v.optional(v.pipe(v.array(SaidWord), v.maxLength(WORDS_MAX)), []),
  language: v.optional(v.pipe(v.string(), v.regex(LANGUAGE))),
  model: v.optional(v.pipe(v.string(), v.regex(NAME))),
  final: v.optional(v.boolean(), true),
});

/**
 * All that begins before that frame has been said, on both sides. `late`: so many messages of that kind, and
 * gaps `MOVED`, have been dealt with.
 * It says as well that whoever says it is alive.
 */
const Heard = v.object({ heard: Frame, late: v.optional(Frame) });

export type SaidUtterance = v.InferOutput<typeof Utterance>;
export type SaidWord = v.InferOutput<typeof SaidWord>;
export type Said = SaidUtterance | v.InferOutput<typeof Heard>;

export function isHeard(said: Said): said is v.InferOutput<typeof Heard> {
  return 'heard' in said;
}

/** @returns undefined for what can't be one */
export function parseSaid(line: string): Said | undefined {
  return saidOf(parsed(line));
}

/** @returns undefined for what can't be one */
export function saidOf(value: unknown): Said | undefined {
  const heard = v.safeParse(Heard, value);
  if (heard.success) return heard.output;
  const utterance = v.safeParse(Utterance, value);
  return utterance.success && isInOrder(utterance.output) ? withinUtterance(utterance.output) : undefined;
}

/** What fits into a row. Words come one after the other; recognisers let them overlap by a little. */
function isInOrder({ startFrame, endFrame, words }: SaidUtterance): boolean {
  if (startFrame >= endFrame) return false;
  if (words.reduce((sum, { text }) => sum + text.length, 0) > TEXT_LENGTH_MAX) return false;
  return words.every((word, index) => {
    const before = words[index - 1]?.startFrame ?? 0;
    return word.startFrame <= word.endFrame && word.startFrame >= before;
  });
}

function withinUtterance(said: SaidUtterance): SaidUtterance {
  const within = (frame: number) => Math.min(Math.max(frame, said.startFrame), said.endFrame);
  const words = said.words.map((word) => ({
    ...word,
    startFrame: within(word.startFrame),
    endFrame: within(word.endFrame),
  }));
  return { ...said, words };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
