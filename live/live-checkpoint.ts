/** Where a listener goes on, as JSON: a few numbers, and no audio. */
import * as v from 'valibot';
import type { LiveState } from './timeline/live-timeline.ts';

const VERSION = 1;
const Frame = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Digits = v.pipe(v.string(), v.regex(/^[0-9]{1,60}$/));
const optionalNumber = v.optional(v.pipe(v.number(), v.finite()));

const Line = v.object({
  end: v.optional(Frame),
  gapFrom: v.optional(Frame),
  half: v.optional(v.object({ byte: v.pipe(Frame, v.maxValue(255)), fragmentNumber: Digits })),
  lag: v.number(),
  leastBefore: v.number(),
  most: v.number(),
});

const Stored = v.object({
  version: v.literal(VERSION),
  settled: v.optional(Digits),
  taken: v.optional(Digits),
  given: Frame,
  placer: v.object({
    sampleRate: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
    originMs: optionalNumber,
    furthest: Frame,
    lines: v.tuple([Line, Line]),
    clock: v.object({
      offsetMs: v.number(),
      reanchored: Frame,
      leads: v.pipe(v.array(v.number()), v.maxLength(100)),
      expectedMs: optionalNumber,
      biasMs: v.number(),
    }),
  }),
});

export function encodeState(state: LiveState): string {
  const digits = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  return JSON.stringify({ version: VERSION, ...state }, digits);
}

/** @returns undefined for what can't be a state: then the listener begins at the beginning. */
export function decodeState(text: string): LiveState | undefined {
  const { success, output } = v.safeParse(Stored, parsed(text));
  if (!success) return undefined;
  const { settled, taken, given, placer } = output;
  const [left, right] = placer.lines;
  return {
    settled: settled === undefined ? undefined : BigInt(settled),
    taken: taken === undefined ? undefined : BigInt(taken),
    given,
    placer: {
      sampleRate: placer.sampleRate,
      originMs: placer.originMs,
      furthest: placer.furthest,
      lines: [lineOf(left), lineOf(right)],
      clock: { ...placer.clock, expectedMs: placer.clock.expectedMs },
    },
  };
}

function lineOf({ end, half, ...rest }: v.InferOutput<typeof Line>): LiveState['placer']['lines'][0] {
  const whole = half && { byte: half.byte, fragmentNumber: BigInt(half.fragmentNumber) };
  return { ...rest, end, half: whole };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
