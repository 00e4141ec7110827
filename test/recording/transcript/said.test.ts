import { describe, expect, it } from 'vitest';
import { isHeard, parseSaid, saidOf } from '../../../recording/transcript/said.ts';

const WORD = { text: 'hello', startFrame: 100, endFrame: 200, confidence: 0.5 };
const SAID = {
  channel: 'AGENT',
  startFrame: 100,
  endFrame: 300,
  text: 'hello you',
  words: [WORD, { text: 'you', startFrame: 180, endFrame: 300 }],
  language: 'en-US',
  model: 'tiny.en',
  final: true,
};

describe('what a recogniser says', () => {
  it('is an utterance', () => {
    expect(parseSaid(JSON.stringify(SAID))).toEqual(SAID);
  });

  it('is final, and has no words, unless it says so', () => {
    const { channel, startFrame, endFrame, text } = SAID;
    const least = { channel, startFrame, endFrame, text };
    expect(parseSaid(JSON.stringify(least))).toEqual({ ...least, final: true, words: [] });
    expect(parseSaid(JSON.stringify({ ...SAID, final: false, more: 1 }))).toEqual({ ...SAID, final: false });
  });

  it('is how far it has heard', () => {
    expect(parseSaid('{"heard":0}')).toEqual({ heard: 0 });
    expect(parseSaid('{"heard":8000,"late":2}')).toEqual({ heard: 8000, late: 2 });
  });

  it('keeps its words within the utterance', () => {
    const words = [
      { ...WORD, startFrame: 90 },
      { ...WORD, endFrame: 310 },
    ];
    expect(parseSaid(JSON.stringify({ ...SAID, words }))).toMatchObject({
      words: [
        { startFrame: 100, endFrame: 200 },
        { startFrame: 100, endFrame: 300 },
      ],
    });
  });

  it.each([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['no channel', JSON.stringify({ ...SAID, channel: 'BOTH' })],
    ['no text', JSON.stringify({ ...SAID, text: ' ' })],
    ['a long text', JSON.stringify({ ...SAID, text: 'a'.repeat(10_001) })],
    ['many words', JSON.stringify({ ...SAID, words: Array.from({ length: 1_001 }, () => WORD) })],
    ['a word of nothing', JSON.stringify({ ...SAID, words: [{ ...WORD, text: '' }] })],
    ['a negative frame', JSON.stringify({ ...SAID, startFrame: -1 })],
    ['half a frame', JSON.stringify({ ...SAID, startFrame: 0.5 })],
    ['no end', JSON.stringify({ ...SAID, endFrame: undefined })],
    ['an end before the start', JSON.stringify({ ...SAID, endFrame: 100 })],
    ['words that go back', JSON.stringify({ ...SAID, words: [{ ...WORD, startFrame: 150 }, WORD] })],
    ['more than certain', JSON.stringify({ ...SAID, words: [{ ...WORD, confidence: 2 }] })],
    ['a language of blanks', JSON.stringify({ ...SAID, language: 'my tongue' })],
    ['hearing the past', '{"heard":-1}'],
    ['hearing words', '{"heard":"all"}'],
  ])('isn’t %s', (_, line) => {
    expect(parseSaid(line)).toBeUndefined();
  });

  it('has words that fit into its text', () => {
    const line = (count: number) =>
      JSON.stringify({
        ...SAID,
        words: Array.from({ length: count }, () => ({ ...WORD, text: 'x'.repeat(200) })),
      });
    expect(parseSaid(line(50))).toBeDefined();
    expect(parseSaid(line(51))).toBeUndefined();
  });

  it('has words that begin before they end, or at once, and at the same time as another', () => {
    const words = (...spans: [number, number][]) =>
      parseSaid(
        JSON.stringify({
          ...SAID,
          words: spans.map(([startFrame, endFrame]) => ({ ...WORD, startFrame, endFrame })),
        }),
      );
    expect(words([150, 150], [150, 200])).toBeDefined();
    expect(words([151, 150])).toBeUndefined();
    expect(words([150, 200], [149, 200])).toBeUndefined();
  });

  it('is heard, or said', () => {
    expect([saidOf({ heard: 1 }), saidOf(SAID)].map((said) => said && isHeard(said))).toEqual([true, false]);
  });
});
