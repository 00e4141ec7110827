import { describe, expect, it } from 'vitest';
import { MASK } from '../../../recording/transcript/masking/marks.ts';
import type { SaidUtterance } from '../../../recording/transcript/said.ts';
import { TranscriptWriter } from '../../../recording/transcript/writer.ts';

const FACTS = {
  recordingId: 'c_1',
  source: 'recognise',
  sampleRate: 8_000,
  originMs: 1_760_000_000_000.4,
  keepDays: 30,
} as const;

/** Each word takes half a second. */
function said(text: string, startFrame: number, channel: 'CUSTOMER' | 'AGENT' = 'CUSTOMER'): SaidUtterance {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startFrame: startFrame + index * 4_000,
    endFrame: startFrame + (index + 1) * 4_000,
    confidence: 0.5,
  }));
  const endFrame = words.at(-1)?.endFrame ?? startFrame;
  return { channel, startFrame, endFrame, text, words, final: true, model: 'tiny.en', language: 'en' };
}

describe('rows of what is said', () => {
  it('have the WAV’s times', () => {
    expect(new TranscriptWriter(FACTS).say(said('hello there', 12_004))).toEqual([
      {
        recordingId: 'c_1',
        segmentId: '000000012004#CUSTOMER#recognise',
        startMs: 1_501,
        endMs: 2_501,
        startedAt: 1_760_000_001_501,
        channel: 'CUSTOMER',
        text: 'hello there',
        words: [
          { text: 'hello', startMs: 1_501, endMs: 2_001, confidence: 0.5 },
          { text: 'there', startMs: 2_001, endMs: 2_501, confidence: 0.5 },
        ],
        source: 'recognise',
        model: 'tiny.en',
        language: 'en',
        expiresAt: 1_760_000_001 + 30 * 86_400,
      },
    ]);
  });

  it('have each word once, however often it is said', () => {
    const writer = new TranscriptWriter(FACTS);
    const first = writer.say(said('well and', 8_000));
    expect(writer.say(said('well and', 8_000))).toEqual([]);
    expect(writer.say(said('so well and good', 4_000)).map(({ text, startMs }) => [text, startMs])).toEqual([
      ['so', 500],
      ['good', 2_000],
    ]);
    const other = { source: 'transcribe', segmentId: '000000008000#CUSTOMER#transcribe' } as const;
    const later = new TranscriptWriter(FACTS, [
      ...first,
      ...first.map((row) => ({ ...row, ...other, endMs: 9_000 })),
    ]);
    expect(later.say(said('well and good', 8_000)).map(({ text }) => text)).toEqual(['good']);
    expect(later.say(said('well and', 8_000, 'AGENT'))).toHaveLength(1);
  });

  it('have what is new of an utterance as it was said', () => {
    const writer = new TranscriptWriter(FACTS);
    writer.say(said('well and', 8_000));
    const longer = { ...said('oh dear well and so on', 0), text: 'oh  dear well and so on' };
    expect(writer.say(longer).map(({ text, startMs }) => [text, startMs])).toEqual([
      ['oh  dear', 0],
      ['so on', 2_000],
    ]);
  });

  it('are masked, each side by itself, and held back as long as they may be', () => {
    const writer = new TranscriptWriter(FACTS);
    expect(writer.heldFrom).toBeUndefined();
    expect(writer.say(said('it is 4111 1111', 8_000))).toEqual([]);
    expect(writer.heldFrom).toBe(8_000);
    expect(writer.say(said('right so', 24_000, 'AGENT'))).toHaveLength(1);
    expect(writer.say(said('1111 1111 there', 40_000)).map(({ text }) => text)).toEqual([
      `it is ${MASK}`,
      `${MASK} there`,
    ]);
    expect(writer.heldFrom).toBeUndefined();
    writer.say(said('I have 2', 80_000));
    expect(writer.heardUpTo(100_000)).toEqual([]);
    expect(writer.heardUpTo(200_000).map(({ text }) => text)).toEqual(['I have 2']);
    writer.say(said('I have 3', 240_000));
    expect(writer.flush().map(({ text }) => text)).toEqual(['I have 3']);
  });

  it('are taken back, too, where they are held back still: of one side, and of that place alone', () => {
    const writer = new TranscriptWriter(FACTS);
    expect(writer.say(said('well it is 4111 1111', 8_000))).toEqual([]);
    expect(writer.say(said('I have 3', 8_000, 'AGENT'))).toEqual([]);
    // From “it” on.
    writer.takeBack('CUSTOMER', { startFrame: 12_000, endFrame: 40_000 });
    expect(writer.heldFrom).toBe(8_000);
    expect(writer.say(said('it is 2', 60_000)).map(({ text, startMs }) => [text, startMs])).toEqual([
      ['well', 1_000],
    ]);
    expect(writer.flush().map(({ channel, text, startMs }) => [channel, text, startMs])).toEqual([
      ['CUSTOMER', 'it is 2', 7_500],
      ['AGENT', 'I have 3', 1_000],
    ]);

    writer.say(said('5', 100_000));
    writer.takeBack('CUSTOMER', { startFrame: 100_000, endFrame: 104_000 });
    expect(writer.heldFrom).toBeUndefined();
    expect(writer.say(said('five please', 100_000)).map(({ text }) => text)).toEqual(['five please']);
  });

  it('stay masked where what is left of a number is held back when a part of it is taken back', () => {
    const writer = new TranscriptWriter(FACTS);
    writer.say(said('ok 4111 1111 1111 1111', 8_000));
    // What follows may belong to a longer number: all of it is held back still.
    expect(writer.heldFrom).toBe(8_000);
    writer.takeBack('CUSTOMER', { startFrame: 8_000, endFrame: 20_000 });
    expect(writer.flush().map(({ text, words }) => [text, words.map((word) => word.text)])).toEqual([
      [MASK, [MASK]],
    ]);
    writer.say(said('ok 4111 1111 1111 1111', 80_000));
    writer.takeBack('CUSTOMER', { startFrame: 96_000, endFrame: 100_000 });
    expect(writer.flush().map(({ text }) => text)).toEqual([`ok ${MASK}`]);
    writer.say({ ...said('ok 4111 1111 1111 1111', 160_000), words: [] });
    writer.takeBack('CUSTOMER', { startFrame: 0, endFrame: 8_000 });
    expect(writer.flush().map(({ text }) => text)).toEqual([`ok ${MASK}`]);
  });

  it('say what nobody wrote down', () => {
    const span = { startFrame: 8_000, endFrame: 16_000 };
    expect(
      new TranscriptWriter({ ...FACTS, keepDays: undefined }).untranscribed('AGENT', span, 'BEHIND'),
    ).toEqual({
      recordingId: 'c_1',
      segmentId: '000000008000#AGENT#recognise#untranscribed',
      startMs: 1_000,
      endMs: 2_000,
      startedAt: 1_760_000_001_000,
      channel: 'AGENT',
      source: 'recognise',
      untranscribed: 'BEHIND',
    });
  });

  it('without times of words are new, or not, as a whole', () => {
    const writer = new TranscriptWriter(FACTS);
    const whole = { ...said('well and', 8_000), words: [] };
    expect(writer.say(whole).map(({ text }) => text)).toEqual(['well and']);
    expect(writer.say(whole)).toEqual([]);
    expect(writer.say(said('well and good', 8_000)).map(({ text }) => text)).toEqual(['good']);
  });

  it('begin and end with the utterance where its first and last words are new', () => {
    const writer = new TranscriptWriter(FACTS);
    writer.say(said('and', 12_000));
    const wider = { ...said('well and good', 8_000), startFrame: 7_200, endFrame: 20_800 };
    expect(writer.say(wider).map(({ text, startMs, endMs }) => [text, startMs, endMs])).toEqual([
      ['well', 900, 1_500],
      ['good', 2_000, 2_600],
    ]);
  });

  it('can be shown before they are final, and are kept only then', () => {
    const writer = new TranscriptWriter(FACTS);
    const preview = writer.preview(said('hello there', 8_000, 'AGENT'));
    expect(preview).toMatchObject({ text: 'hello there', channel: 'AGENT', startMs: 1_000 });
    expect(writer.preview(said('it is 4111 1111 1111 1111', 8_000)).text).toBe(`it is ${MASK}`);
    expect(writer.say(said('hello there', 8_000, 'AGENT'))).toEqual([preview]);
  });

  it('can be said anew where they were taken back, of that side alone', () => {
    const writer = new TranscriptWriter(FACTS);
    const texts = (channel: 'CUSTOMER' | 'AGENT') =>
      writer.say(said('well and good', 8_000, channel)).map(({ text }) => text);
    texts('CUSTOMER');
    texts('AGENT');
    writer.takeBack('AGENT', { startFrame: 12_000, endFrame: 16_000 });
    expect(texts('CUSTOMER')).toEqual([]);
    expect(texts('AGENT')).toEqual(['and']);
    expect(texts('AGENT')).toEqual([]);
  });

  it('tell what a word is, where its source does, and nothing that it doesn’t', () => {
    const [word] = said('Ann', 8_000).words;
    const { model, language, ...bare } = said('Ann', 8_000);
    expect({ model, language }).toEqual({ model: 'tiny.en', language: 'en' });
    const words = word
      ? [{ text: 'Ann', startFrame: word.startFrame, endFrame: word.endFrame, pii: 'NAME' }]
      : [];
    const [row] = new TranscriptWriter(FACTS).say({ ...bare, words });
    expect(row?.words.map(Object.keys)).toEqual([['text', 'startMs', 'endMs', 'pii']]);
    const [plain] = new TranscriptWriter(FACTS).say(said('Ann', 8_000));
    expect(plain?.words.map(Object.keys)).toEqual([['text', 'startMs', 'endMs', 'confidence']]);
    expect(Object.keys(row ?? {})).not.toContain('model');
    expect(Object.keys(row ?? {})).not.toContain('language');
  });

  it('are held back from where the first side’s are', () => {
    const writer = new TranscriptWriter(FACTS);
    writer.say(said('4111 1111', 16_000));
    expect(writer.heldFrom).toBe(16_000);
    writer.say(said('4222 2222', 8_000, 'AGENT'));
    expect(writer.heldFrom).toBe(8_000);
    expect(writer.flush().map(({ channel }) => channel)).toEqual(['CUSTOMER', 'AGENT']);
  });

  it('take nothing for said that could not be written down', () => {
    const before = new TranscriptWriter(FACTS);
    const span = before.untranscribed('CUSTOMER', { startFrame: 0, endFrame: 80_000 }, 'LOST');
    expect(new TranscriptWriter(FACTS, [span]).say(said('well and', 8_000))).toHaveLength(1);
  });
});
