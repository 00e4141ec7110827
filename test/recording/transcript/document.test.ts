import { describe, expect, it } from 'vitest';
import {
  parseTranscript,
  type Transcript,
  transcriptJson,
  transcriptOf,
} from '../../../recording/transcript/document.ts';
import { parseRow } from '../../../recording/transcript/rows.ts';
import type { TranscriptRow } from '../../../recording/transcript/segment.ts';
import { transcriptText, transcriptVtt } from '../../../recording/transcript/texts.ts';
import { ORIGIN_MS, RATE, segment, untranscribed } from './rows.ts';

const WAV = { originMs: ORIGIN_MS, sampleRate: RATE };
const ROWS = [
  segment('hello <you> & me', { startMs: 1_250 }),
  segment('hello', { startMs: 3_600_500, channel: 'AGENT' }),
  untranscribed(3_605_000, { startMs: 3_602_000, channel: 'AGENT' }),
];

function transcript(rows: readonly TranscriptRow[], wav = WAV): Transcript {
  const made = transcriptOf(rows, wav);
  if (!made) throw new Error('there are rows');
  return made;
}

describe('the document', () => {
  it('has what the rows have, but when they expire', () => {
    const { segments, untranscribed: spans, ...head } = transcript(ROWS);

    expect(head).toEqual({ recordingId: 'c_1', frameShift: 0, sampleRate: RATE, sources: ['recognise'] });
    const [first] = ROWS;
    expect({ ...segments[0], expiresAt: 2_000_000_000 }).toEqual(first);
    expect(segments).toHaveLength(2);
    expect(spans).toHaveLength(1);
  });

  it('can be read again, and nothing else can', () => {
    const made = transcript(ROWS);
    expect(parseTranscript(transcriptJson(made))).toEqual(made);
    for (const text of ['', '{}', '[]', transcriptJson(made).replace('"recognise"', '"somebody"')])
      expect(parseTranscript(text)).toBeUndefined();
  });

  it('isn’t made of nothing', () => {
    expect(transcriptOf([], WAV)).toBeUndefined();
  });

  it('tells how far the WAV’s beginning lies before the one that was known', () => {
    const { frameShift, segments } = transcript(ROWS, { ...WAV, originMs: ORIGIN_MS - 1_500.2 });
    expect(frameShift).toBe(12_000);
    expect(segments[0]?.startMs).toBe(1_250);
    // A millisecond is a rounding.
    expect(transcript(ROWS, { ...WAV, originMs: ORIGIN_MS - 1 }).frameShift).toBe(0);
  });

  it('counts from one frame 0, though its sources did from two', () => {
    const rows = [
      segment('one', { startMs: 1_000 }),
      segment('two', { startMs: 4_000, originMs: ORIGIN_MS - 2_000, source: 'transcribe' }),
    ];
    const { segments } = transcript(rows);
    expect(segments.map(({ startMs, words }) => [startMs, words[0]?.startMs])).toEqual([
      [1_000, 1_000],
      [2_000, 2_000],
    ]);
  });
});

describe('rows that count from another frame 0', () => {
  it.each([
    [2_000, 2_000],
    [2, 2],
    [1, 0],
  ])('by %d ms are moved by %d', (byMs, movedMs) => {
    const early = { startMs: 4_000, originMs: ORIGIN_MS - byMs, source: 'transcribe' } as const;
    const made = transcript([
      segment('one', { startMs: 0 }),
      segment('two', early),
      untranscribed(9_000, early),
    ]);
    const two = made.segments.at(-1);
    expect([two?.startMs, two?.endMs]).toEqual([4_000 - movedMs, 4_400 - movedMs]);
    expect(two?.words.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [4_000 - movedMs, 4_400 - movedMs],
    ]);
    const alone = transcript([
      segment('one', { startMs: 0 }),
      untranscribed(9_000, { ...early, source: 'recognise' }),
    ]);
    expect(alone.untranscribed.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [4_000 - movedMs, 9_000 - movedMs],
    ]);
  });
});

describe('a row that comes in', () => {
  it('is one of ours, or none', () => {
    for (const row of ROWS) expect(parseRow(row)).toEqual(row);
    for (const other of [{}, undefined, { ...ROWS[0], segmentId: 'x' }, { ...ROWS[0], startMs: 0.5 }])
      expect(parseRow(other)).toBeUndefined();
  });
});

describe('what people read', () => {
  it('is WebVTT with who speaks', () => {
    expect(transcriptVtt(transcript(ROWS))).toBe(
      [
        'WEBVTT',
        'NOTE recording c_1, by recognise, frameShift 0',
        '000000010000#CUSTOMER#recognise\n00:00:01.250 --> 00:00:03.150\n<v Customer>hello &lt;you&gt; &amp; me</v>',
        '000028804000#AGENT#recognise\n01:00:00.500 --> 01:00:00.900\n<v Agent>hello</v>',
        'NOTE Agent, 01:00:02.000 to 01:00:05.000: not written down, since the call was over before it could be\n',
      ].join('\n\n'),
    );
  });

  it('is a line each', () => {
    expect(transcriptText(transcript(ROWS))).toBe(
      '[0:01.2] Customer: hello <you> & me\n' +
        '[1:00:00.5] Agent: hello\n' +
        '[1:00:02.0] Agent: (not written down up to 1:00:05.0: the call was over before it could be)\n',
    );
  });

  it('has the WAV’s times', () => {
    const shifted = transcript(ROWS, { ...WAV, originMs: ORIGIN_MS - 2_000 });
    expect(transcriptVtt(shifted)).toContain('00:00:03.250 --> 00:00:05.150');
    expect(transcriptText(shifted)).toContain('[0:03.2] Customer');
  });
});
