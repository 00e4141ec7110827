import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSources, runsOf } from '../../../recording/transcript/merge.ts';
import { isSegment } from '../../../recording/transcript/segment.ts';
import { segment, untranscribed } from './rows.ts';

const transcribe = { source: 'transcribe' } as const;

function textsOf(rows: Parameters<typeof mergeSources>[0], preferred?: 'recognise' | 'transcribe') {
  return mergeSources(rows, preferred).segments.map(({ text, source }) => `${source}: ${text}`);
}

describe('runs of numbers', () => {
  it('are those that follow one another', () => {
    expect(runsOf([0, 1, 4, 6, 7, 8])).toEqual([[0, 1], [4], [6, 7, 8]]);
    expect(runsOf([])).toEqual([]);
  });
});

describe('one transcript of several sources', () => {
  it('is in order of time, the customer’s first', () => {
    const rows = [
      segment('two', { startMs: 1_000, channel: 'AGENT' }),
      segment('one', { startMs: 1_000 }),
      segment('nought', { startMs: 500, channel: 'AGENT' }),
    ];
    expect(textsOf(rows)).toEqual(['recognise: nought', 'recognise: one', 'recognise: two']);
  });

  it('is the preferred one’s, and the other’s where that has nothing', () => {
    const rows = [
      segment('hello there', { startMs: 0 }),
      segment('hullo their how are you', { startMs: 50, ...transcribe }),
      segment('fine', { startMs: 0, channel: 'AGENT', ...transcribe }),
    ];
    expect(textsOf(rows)).toEqual(['recognise: hello there', 'transcribe: fine', 'transcribe: how are you']);
    expect(textsOf(rows, 'transcribe')).toEqual(['transcribe: fine', 'transcribe: hullo their how are you']);
    const filled = mergeSources(rows).segments.at(-1);
    expect(filled).toMatchObject({ startMs: 1_050, endMs: 2_450 });
    expect(filled?.words.map(({ text }) => text)).toEqual(['how', 'are', 'you']);
  });

  it('is another’s where the preferred one has nothing at all', () => {
    expect(mergeSources([segment('hello', { startMs: 0, ...transcribe })])).toMatchObject({
      sources: ['transcribe'],
      segments: [{ text: 'hello' }],
    });
    expect(mergeSources([])).toEqual({ sources: [], segments: [], untranscribed: [] });
  });

  it('says what nobody wrote down', () => {
    const own = untranscribed(9_000, { startMs: 5_000 });
    expect(mergeSources([own]).untranscribed).toEqual([own]);
    const rows = [
      own,
      untranscribed(20_000, { startMs: 8_000, ...transcribe }),
      untranscribed(20_000, { startMs: 0, channel: 'AGENT', ...transcribe }),
    ];
    const [both, ...more] = mergeSources(rows).untranscribed;
    expect(both).toMatchObject({ channel: 'CUSTOMER', startMs: 8_000, endMs: 9_000 });
    expect(more).toEqual([]);
    expect(mergeSources([own, segment('heard', { startMs: 6_000, ...transcribe })]).untranscribed).toEqual(
      [],
    );
  });

  it('has every word of the preferred one once, and none of the other’s beside it', () => {
    const row = fc
      .record({
        words: fc.integer({ min: 1, max: 5 }),
        at: fc.integer({ min: 0, max: 60 }),
        channel: fc.constantFrom('CUSTOMER', 'AGENT'),
        source: fc.constantFrom('recognise', 'transcribe'),
      })
      .map(({ words, at, ...facts }) =>
        segment(Array.from({ length: words }, (_, index) => `w${index}`).join(' '), {
          startMs: at * 500,
          ...facts,
        }),
      );
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { selector: ({ segmentId }) => segmentId, maxLength: 20 }),
        fc.constantFrom('recognise', 'transcribe'),
        (rows, preferred) => {
          const { segments } = mergeSources(rows, preferred);
          const own = rows.filter(isSegment).filter(({ source }) => source === preferred);
          expect(new Set(segments.filter(({ source }) => source === preferred))).toEqual(new Set(own));
          for (const filled of segments.filter(({ source }) => source !== preferred)) {
            expect(filled.text).toBe(filled.words.map(({ text }) => text).join(' '));
            for (const { startMs, endMs } of filled.words) {
              const middle = (startMs + endMs) / 2;
              const under = own.filter(
                (one) => one.channel === filled.channel && one.startMs <= middle && middle <= one.endMs,
              );
              expect(under).toEqual([]);
            }
          }
        },
      ),
    );
  });

  it('has its sources in order of preference, whoever came first', () => {
    const rows = [segment('b', { startMs: 9_000, ...transcribe }), segment('a', { startMs: 0 })];
    for (const of of [rows, rows.toReversed()]) {
      expect(mergeSources(of).sources).toEqual(['recognise', 'transcribe']);
      expect(mergeSources(of, 'transcribe').sources).toEqual(['transcribe', 'recognise']);
    }
  });

  it('takes what has no times of words as a whole, where nothing is there', () => {
    const wordless = (startMs: number) => ({ ...segment('well', { startMs, ...transcribe }), words: [] });
    const own = segment('hello there', { startMs: 0 });
    expect(mergeSources([own, wordless(5_000)]).segments).toEqual([own, wordless(5_000)]);
    expect(mergeSources([own, wordless(100)]).segments).toEqual([own]);
  });

  it('has a segment as it is, also where it is longer than its words', () => {
    const word = segment('hello', { startMs: 1_000 });
    const longer = { ...word, startMs: 900, endMs: 1_600, startedAt: word.startedAt - 100 };
    expect(mergeSources([longer]).segments).toEqual([longer]);
  });

  it('sets edges by 200 ms apart', () => {
    const own = segment('hello', { startMs: 2_000 });
    const other = (middleMs: number) => segment('hullo', { startMs: middleMs - 200, ...transcribe });
    for (const middleMs of [1_800, 2_600])
      expect(mergeSources([own, other(middleMs)]).segments).toEqual([own]);
    for (const middleMs of [1_799, 2_601])
      expect(mergeSources([own, other(middleMs)]).segments).toHaveLength(2);
  });

  it('says when that begins which nobody wrote down, and nothing of what only meets', () => {
    const own = untranscribed(9_000, { startMs: 5_000 });
    const spans = (other: typeof own) => mergeSources([own, other]).untranscribed;
    expect(spans(untranscribed(20_000, { startMs: 8_000, ...transcribe }))).toEqual([
      { ...own, startMs: 8_000, startedAt: own.startedAt + 3_000 },
    ]);
    expect(spans(untranscribed(20_000, { startMs: 9_000, ...transcribe }))).toEqual([]);
  });
});
