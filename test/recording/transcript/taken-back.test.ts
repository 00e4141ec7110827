import { describe, expect, it } from 'vitest';
import { isWithin, segmentWithout, spanWithout } from '../../../recording/transcript/taken-back.ts';
import { ORIGIN_MS, RATE, segment } from './rows.ts';

const span = (startFrame: number, endFrame: number) => ({ startFrame, endFrame });
const COUNTED = { originMs: ORIGIN_MS, sampleRate: RATE };

describe('a span is within another', () => {
  it.each([
    [span(0, 10), true],
    [span(10, 10), true],
    [span(-10, 30), true],
    [span(0, 20), true],
    [span(-10, 10), true],
    [span(15, 25), false],
    [span(20, 22), false],
    [span(-10, 9), false],
  ])('by its middle: %o in 0 to 20 is %s', (one, expected) => {
    expect(isWithin(one, span(0, 20))).toBe(expected);
  });
});

describe('a span without another', () => {
  it.each([
    ['lies before it', span(0, 10), [span(0, 10)]],
    ['lies behind it', span(20, 30), [span(20, 30)]],
    ['goes into it', span(5, 15), [span(5, 10)]],
    ['comes out of it', span(15, 25), [span(20, 25)]],
    ['spans it', span(5, 25), [span(5, 10), span(20, 25)]],
    ['lies in it', span(12, 18), []],
    ['is it', span(10, 20), []],
  ])('that %s', (_, one, parts) => {
    expect(spanWithout(one, span(10, 20))).toEqual(parts);
  });
});

describe('a segment without what was said in a span', () => {
  /** Its words begin each half second, and take 400 ms. */
  const SAID = segment('one two three four', { startMs: 1_000 });
  const without = (fromMs: number, toMs: number, said = SAID) =>
    segmentWithout(said, span(fromMs * 8, toMs * 8), COUNTED);
  const told = (segments: readonly (typeof SAID)[]) =>
    segments.map(({ text, startMs, endMs, startedAt, segmentId, words }) => ({
      text,
      startMs,
      endMs,
      at: startedAt - ORIGIN_MS,
      frame: Number(segmentId.split('#')[0]),
      words: words.length,
    }));

  it('is the same where nothing of it was', () => {
    expect(without(0, 1_000)).toEqual([SAID]);
    expect(without(0, 1_000)[0]).toBe(SAID);
  });

  it('is nothing where all of it was', () => {
    expect(without(900, 3_000)).toEqual([]);
  });

  it('is what was said before and behind, each with its own id', () => {
    expect(told(without(1_500, 2_400))).toEqual([
      { text: 'one', startMs: 1_000, endMs: 1_400, at: 1_000, frame: 8_000, words: 1 },
      { text: 'four', startMs: 2_500, endMs: 2_900, at: 2_500, frame: 20_000, words: 1 },
    ]);
  });

  it('begins where it began, also where its first word began later', () => {
    const early = { ...SAID, startMs: 800, startedAt: SAID.startedAt - 200 };
    expect(told(without(1_500, 9_000, early))).toEqual([
      { text: 'one', startMs: 800, endMs: 1_400, at: 800, frame: 8_000, words: 1 },
    ]);
  });

  it('without times of words is all there, or not at all', () => {
    const wordless = { ...SAID, words: [] };
    expect(without(1_900, 2_000, wordless)).toEqual([]);
    expect(without(1_000, 1_900, wordless)).toEqual([wordless]);
  });

  it('is counted from the frame 0 of the span', () => {
    const later = segment('one two', { startMs: 500, originMs: ORIGIN_MS + 1_000 });
    expect(told(without(1_500, 2_000, later))).toMatchObject([{ text: 'two', startMs: 1_000 }]);
    expect(without(500, 1_000, later)).toEqual([later]);
  });
});
