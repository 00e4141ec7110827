import { describe, expect, it } from 'vitest';
import {
  channelOf,
  frameShiftOf,
  framesOf,
  inOrder,
  isSegment,
  isSegmentId,
  isUntranscribed,
  originOf,
  segmentId,
  speakerOf,
  untranscribedId,
} from '../../../recording/transcript/segment.ts';
import { ORIGIN_MS, RATE, segment, untranscribed } from './rows.ts';

const WAV = { originMs: ORIGIN_MS, sampleRate: RATE };

describe('a row', () => {
  it('is what was said, or a span that nobody wrote down', () => {
    const [said, span] = [segment('hello', { startMs: 0 }), untranscribed(1, { startMs: 0 })];
    expect([isSegment(said), isUntranscribed(said), isSegment(span), isUntranscribed(span)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('is of a side, by its channel', () => {
    expect([speakerOf(0), speakerOf(1)]).toEqual(['CUSTOMER', 'AGENT']);
    expect([channelOf('CUSTOMER'), channelOf('AGENT')]).toEqual([0, 1]);
  });

  it('has an id by which it stands in order of time', () => {
    expect(segmentId(80, 'AGENT', 'recognise')).toBe('000000000080#AGENT#recognise');
    expect(untranscribedId(80, 'CUSTOMER', 'transcribe')).toBe(
      '000000000080#CUSTOMER#transcribe#untranscribed',
    );
    expect(segmentId(80, 'AGENT', 'recognise') < segmentId(123_456_789_012, 'AGENT', 'recognise')).toBe(true);
  });

  it.each([
    ['000000000080#AGENT#recognise', true],
    ['000000000080#CUSTOMER#transcribe#untranscribed', true],
    ['00000000080#AGENT#recognise', false],
    ['0000000000080#AGENT#recognise', false],
    ['000000000080#BOTH#recognise', false],
    ['000000000080#AGENT#somebody', false],
    ['000000000080#AGENT#recognise#lost', false],
    ['000000000080#AGENT#recognise#untranscribed#', false],
    ['', false],
  ])('has the id %j: %s', (id, expected) => {
    expect(isSegmentId(id)).toBe(expected);
  });
});

describe('rows in order', () => {
  it('are by time, then by side, then by id', () => {
    const rows = [
      segment('a', { startMs: 10, channel: 'AGENT' }),
      segment('b', { startMs: 10, source: 'transcribe' }),
      segment('c', { startMs: 10 }),
      segment('d', { startMs: 5, channel: 'AGENT' }),
      segment('e', { startMs: 200 }),
    ];
    const texts = (of: typeof rows) => inOrder(of).map(({ text }) => text);
    expect(texts(rows)).toEqual(['d', 'c', 'b', 'a', 'e']);
    expect(texts(rows.toReversed())).toEqual(['d', 'c', 'b', 'a', 'e']);
  });

  it('stay as they are where nothing tells them apart', () => {
    const [one, two] = [segment('one', { startMs: 0 }), segment('two', { startMs: 0 })];
    expect(inOrder([one, two])).toEqual([one, two]);
  });
});

describe('positions', () => {
  it('count from the frame 0 that was known', () => {
    expect(originOf(segment('a', { startMs: 700 }))).toBe(ORIGIN_MS);
  });

  it.each([
    ['as they are', ORIGIN_MS, 8_000, 12_000],
    ['by a beginning that was found later', ORIGIN_MS - 500, 12_000, 16_000],
    ['by one that was taken too early', ORIGIN_MS + 500, 4_000, 8_000],
    ['but not by what is a rounding', ORIGIN_MS - 1, 8_000, 12_000],
    ['nor by one that is the other way', ORIGIN_MS + 1.4, 8_000, 12_000],
    ['from two ms on', ORIGIN_MS - 2, 8_016, 12_016],
  ])('are frames, shifted %s', (_, originMs, startFrame, endFrame) => {
    const row = { startMs: 1_000, endMs: 1_500, startedAt: ORIGIN_MS + 1_000 };
    expect(framesOf(row, { originMs, sampleRate: RATE })).toEqual({ startFrame, endFrame });
  });

  it.each([
    [ORIGIN_MS, 0],
    [ORIGIN_MS - 1, 0],
    [ORIGIN_MS + 1, 0],
    [ORIGIN_MS - 2, 16],
    [ORIGIN_MS - 1_500.2, 12_000],
    [ORIGIN_MS + 250, -2_000],
  ])('are so far from a WAV’s that begins at %d', (originMs, frames) => {
    const rows = [segment('a', { startMs: 700 }), segment('b', { startMs: 1, originMs: 0 })];
    expect(frameShiftOf(rows, originMs, RATE)).toBe(frames);
  });

  it('of nothing aren’t shifted', () => {
    expect(frameShiftOf([], WAV.originMs, RATE)).toBe(0);
  });
});
