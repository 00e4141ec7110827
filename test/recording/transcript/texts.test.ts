import { describe, expect, it } from 'vitest';
import type { Transcript } from '../../../recording/transcript/document.ts';
import { lineOf, transcriptVtt, whyNotText } from '../../../recording/transcript/texts.ts';
import { RATE, segment, untranscribed } from './rows.ts';

describe('a line', () => {
  it.each([
    [0, '[0:00.0]'],
    [99, '[0:00.0]'],
    [100, '[0:00.1]'],
    [59_999, '[0:59.9]'],
    [60_000, '[1:00.0]'],
    [3_599_999, '[59:59.9]'],
    [3_600_000, '[1:00:00.0]'],
    [3_661_500, '[1:01:01.5]'],
    [36_600_000, '[10:10:00.0]'],
  ])('at %d ms begins with %s', (startMs, at) => {
    expect(lineOf(segment('hello', { startMs }))).toBe(`${at} Customer: hello`);
  });

  it('has the WAV’s time, which has a beginning', () => {
    const said = segment('hello', { startMs: 1_000, channel: 'AGENT' });
    expect(lineOf(said, 500)).toBe('[0:01.5] Agent: hello');
    expect(lineOf(said, -2_000)).toBe('[0:00.0] Agent: hello');
  });

  it('is one, whatever was said', () => {
    expect(lineOf({ ...segment('a', { startMs: 0 }), text: 'a \n\t b' })).toBe('[0:00.0] Customer: a b');
  });

  it.each([
    ['BEHIND', 'the recogniser was behind, and was to write down what is said now'],
    ['END', 'the call was over before it could be'],
    ['LOST', 'it was lost with what was writing it down'],
    ['REFUSED', 'it was refused'],
  ] as const)('says why nothing was written down: %s', (why, text) => {
    expect(whyNotText(why)).toBe(text);
    const span = { ...untranscribed(3_000, { startMs: 1_000 }), untranscribed: why };
    expect(lineOf(span, 1_000)).toBe(`[0:02.0] Customer: (not written down up to 0:04.0: ${text})`);
  });
});

describe('WebVTT', () => {
  const vtt = (facts: Partial<Transcript>) =>
    transcriptVtt({
      recordingId: 'c_1',
      frameShift: 0,
      sampleRate: RATE,
      sources: ['recognise', 'transcribe'],
      segments: [],
      untranscribed: [],
      ...facts,
    });

  it('of nothing has a head', () => {
    expect(vtt({})).toBe('WEBVTT\n\nNOTE recording c_1, by recognise, transcribe, frameShift 0\n');
  });

  it('has cues of at least a millisecond, none before the beginning, each with its text in one line', () => {
    const one = { ...segment('a', { startMs: 1_000 }), endMs: 1_000, text: 'a \n<b> & <c>' };
    expect(vtt({ segments: [one] })).toContain(
      '00:00:01.000 --> 00:00:01.001\n<v Customer>a &lt;b&gt; &amp; &lt;c&gt;</v>\n',
    );
    expect(vtt({ segments: [one], frameShift: -16_000 })).toContain('00:00:00.000 --> 00:00:00.001\n');
  });

  it('has hours of more digits where they need them', () => {
    const late = segment('a', { startMs: 100 * 3_600_000 + 59 * 60_000 + 59_007 });
    expect(vtt({ segments: [late] })).toContain('100:59:59.007 --> 100:59:59.407');
  });
});
