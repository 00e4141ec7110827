/**
 * Makes rows of what one source says of a call, while it says it: each word once, however often it is said (a source that begins anew
 * says again what it had said), and masked. Frames are the WAV’s.
 */
import { Masker } from './masking/masker.ts';
import type { Pattern } from './masking/patterns.ts';
import { tokensOf } from './masking/tokens.ts';
import type { SaidUtterance } from './said.ts';
import {
  channelOf,
  framesOf,
  isSegment,
  type Segment,
  segmentId,
  type Speaker,
  SPEAKERS,
  type TranscriptRow,
  type TranscriptSource,
  type Untranscribed,
  untranscribedId,
  type UntranscribedWhy,
} from './segment.ts';
import { type FrameSpan, isWithin, spanWithout } from './taken-back.ts';

export interface RowFacts {
  readonly recordingId: string;
  readonly source: TranscriptSource;
  readonly sampleRate: number;
  /** Epoch ms of frame 0. */
  readonly originMs: number;
  /** How long a row stays; undefined: for good. */
  readonly keepDays?: number | undefined;
  /** Masked beside card numbers. */
  readonly patterns?: readonly Pattern[];
}

const DAY_SECONDS = 86_400;

export class TranscriptWriter {
  readonly #facts: RowFacts;
  readonly #sides: readonly [Side, Side];

  /** @param written what an earlier one has written of the recording, by whatever source */
  constructor(facts: RowFacts, written: readonly TranscriptRow[] = []) {
    this.#facts = facts;
    const own = written.filter(({ source }) => source === facts.source).filter(isSegment);
    const spansOf = (speaker: Speaker) =>
      own.filter(({ channel }) => channel === speaker).map((row) => this.#spanOf(row));
    const [customer, agent] = SPEAKERS;
    const { sampleRate, patterns } = facts;
    this.#sides = [
      { masker: new Masker(sampleRate, patterns), written: spansOf(customer) },
      { masker: new Masker(sampleRate, patterns), written: spansOf(agent) },
    ];
  }

  /** All that is said before it stands in rows that were given; undefined where nothing is held back. */
  get heldFrom(): number | undefined {
    const held = this.#sides.flatMap(({ masker }) => masker.heldFrom ?? []);
    return held.length === 0 ? undefined : Math.min(...held);
  }

  /** @param utterance a final one. @returns what can be kept now, of this utterance and those before it */
  say(utterance: SaidUtterance): Segment[] {
    const side = this.#sides[channelOf(utterance.channel)];
    return this.#whatIsNew(utterance, side).flatMap((part) => {
      side.written.push(part);
      return side.masker.push(part).map((one) => this.#segmentOf(one));
    });
  }

  /** One that isn’t final: for people to see, and not to be kept. What may turn out to be masked is. */
  preview(utterance: SaidUtterance): Segment {
    return this.#segmentOf(this.#sides[channelOf(utterance.channel)].masker.preview(utterance));
  }

  /** Nothing more is said before that frame. @returns what needn’t be held back any more */
  heardUpTo(frame: number): Segment[] {
    return this.#sides.flatMap(({ masker }) => masker.heardUpTo(frame).map((one) => this.#segmentOf(one)));
  }

  /** Nothing follows. */
  flush(): Segment[] {
    return this.#sides.flatMap(({ masker }) => masker.flush().map((one) => this.#segmentOf(one)));
  }

  untranscribed(channel: Speaker, { startFrame, endFrame }: FrameSpan, why: UntranscribedWhy): Untranscribed {
    const segment = untranscribedId(startFrame, channel, this.#facts.source);
    return { ...this.#rowOf(segment, channel, { startFrame, endFrame }), untranscribed: why };
  }

  /** Nothing was said there after all: it may be said anew. */
  takeBack(channel: Speaker, span: FrameSpan): void {
    const { written, masker } = this.#sides[channelOf(channel)];
    written.push(...written.splice(0).flatMap((one) => spanWithout(one, span)));
    masker.takeBack((utterance) => utteranceWithout(utterance, [span]));
  }

  /** The parts of it of which nothing is written yet. */
  #whatIsNew(utterance: SaidUtterance, { written }: Side): SaidUtterance[] {
    return utteranceWithout(utterance, written);
  }

  #segmentOf({ channel, text, words, model, language, ...span }: SaidUtterance): Segment {
    return {
      ...this.#rowOf(segmentId(span.startFrame, channel, this.#facts.source), channel, span),
      text,
      words: words.map((word) => ({
        text: word.text,
        startMs: this.#ms(word.startFrame),
        endMs: this.#ms(word.endFrame),
        ...(word.confidence !== undefined && { confidence: word.confidence }),
        ...(word.pii !== undefined && { pii: word.pii }),
      })),
      ...(model !== undefined && { model }),
      ...(language !== undefined && { language }),
    };
  }

  #rowOf(id: string, channel: Speaker, { startFrame, endFrame }: FrameSpan) {
    const { recordingId, source, originMs, keepDays } = this.#facts;
    const startMs = this.#ms(startFrame);
    const startedAt = Math.round(originMs) + startMs;
    return {
      recordingId,
      segmentId: id,
      startMs,
      endMs: this.#ms(endFrame),
      startedAt,
      channel,
      source,
      // By when it was said: written again, it is the same.
      ...(keepDays !== undefined && { expiresAt: Math.floor(startedAt / 1000) + keepDays * DAY_SECONDS }),
    };
  }

  #spanOf(row: Segment): FrameSpan {
    const { sampleRate, originMs } = this.#facts;
    return framesOf(row, { sampleRate, originMs });
  }

  #ms(frame: number): number {
    return Math.round((frame * 1000) / this.#facts.sampleRate);
  }
}

interface Side {
  readonly masker: Masker<SaidUtterance>;
  /** What has been said of it. */
  readonly written: FrameSpan[];
}

/** The parts of it that were said in none of these spans. */
export function utteranceWithout(utterance: SaidUtterance, spans: readonly FrameSpan[]): SaidUtterance[] {
  const isKept = (one: FrameSpan) => !spans.some((span) => isWithin(one, span));
  const { words } = utterance;
  if (words.length === 0) return isKept(utterance) ? [utterance] : [];
  const kept = words.map(isKept);
  if (!kept.includes(false)) return [utterance];
  return runsOf(kept).map(([from, to]) => partOf(utterance, from, to));
}

/** Where runs of true values begin and end; the end is one past the last. */
function runsOf(values: readonly boolean[]): (readonly [number, number])[] {
  const starts = values.flatMap((value, index) => (value && values[index - 1] !== true ? [index] : []));
  return starts.map((from) => {
    const to = values.indexOf(false, from);
    return [from, to < 0 ? values.length : to] as const;
  });
}

function partOf(utterance: SaidUtterance, from: number, to: number): SaidUtterance {
  const words = utterance.words.slice(from, to);
  const tokens = tokensOf(utterance);
  return {
    ...utterance,
    startFrame: from === 0 ? utterance.startFrame : (words[0]?.startFrame ?? utterance.startFrame),
    endFrame:
      to === utterance.words.length ? utterance.endFrame : (words.at(-1)?.endFrame ?? utterance.endFrame),
    text: utterance.text.slice(tokens[from]?.from, tokens[to - 1]?.to),
    words,
  };
}
