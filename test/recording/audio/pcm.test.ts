import { describe, expect, it } from 'vitest';
import type { TrackEntry } from '../../../matroska/fragment.ts';
import { channelsOf, lengthMsOf, pcmFormatOf } from '../../../recording/audio/pcm.ts';
import { fragmentOf, ramp, T0 } from '../../support/documents.ts';

describe('the format that a MimeType tells', () => {
  const formatOf = (...mimeType: string[]) =>
    pcmFormatOf({ tags: new Map(mimeType.map((text) => ['MimeType', text])) });

  it.each([
    ['audio/L16;rate=8000;channels=1;', 8_000],
    [' Audio/l16 ; RATE = 16000 ; Channels = 1 ', 16_000],
    ['audio/L16', 8_000],
    ['audio/L16;channels=1', 8_000],
    ['audio/L16;rate=1', 1],
    ['audio/L16;rate=192000', 192_000],
    ['audio/L16;layout=a=b;rate=11025', 11_025],
  ])('%j is of %d Hz', (mimeType, sampleRate) => {
    expect(formatOf(mimeType)).toEqual({ sampleRate });
  });

  it.each([
    ['audio/L16;rate=0', 'no usable sample rate'],
    ['audio/L16;rate=192001', 'no usable sample rate'],
    ['audio/L16;rate=8000.5', 'no usable sample rate'],
    ['audio/L16;rate=fast', 'no usable sample rate'],
    ['audio/L16;rate', 'no usable sample rate'],
    ['audio/L16;rate=80=00', 'no usable sample rate'],
    ['audio/L16;rate=8000;channels=2', 'its tracks are not mono'],
    ['audio/L16;rate=8000;channels=', 'its tracks are not mono'],
    ['audio/AAC;rate=8000', /not audio\/L16 but audio\/aac$/],
    ['audio/L16x', /not audio\/L16 but audio\/l16x$/],
    [';rate=8000', /not audio\/L16 but $/],
    ['vidéo\u0000\u007f~ x', /not audio\/L16 but vid\?o\?\?~ x$/],
    [`${'y'.repeat(64)}no more`, /not audio\/L16 but y{64}$/],
  ])('%j can’t be placed, and it is said why', (mimeType, why) => {
    const format = formatOf(mimeType);
    expect(format !== undefined && 'unusable' in format ? format.unusable : undefined).toMatch(why);
  });

  it('is not known where there is none', () => {
    expect([formatOf(), formatOf('')]).toEqual([undefined, undefined]);
  });
});

describe('whose a track is', () => {
  interface Track {
    readonly name?: string;
    readonly encoded?: boolean;
  }

  function owners(tracks: Readonly<Record<number, Track>>, tags: Readonly<Record<string, string>> = {}) {
    const entries = Object.entries(tracks).map(([number, { name, encoded = false }]): TrackEntry => ({
      trackNumber: Number(number),
      encoded,
      ...(name !== undefined && { name }),
    }));
    return Object.fromEntries(channelsOf({ tracks: entries, tags: new Map(Object.entries(tags)) }));
  }

  const FROM = 'AUDIO_FROM_CUSTOMER';
  const TO = 'AUDIO_TO_CUSTOMER';

  it('is told by its name, whatever its number', () => {
    expect(owners({ 1: { name: FROM }, 2: { name: TO } })).toEqual({ 1: 0, 2: 1 });
    expect(owners({ 1: { name: TO }, 2: { name: FROM } })).toEqual({ 1: 1, 2: 0 });
    expect(owners({ 7: { name: TO } })).toEqual({ 7: 1 });
  });

  it('is told by Connect’s tags where it has no name', () => {
    expect(owners({ 1: {}, 2: { name: '' } }, { [FROM]: '2', [TO]: '1' })).toEqual({ 1: 1, 2: 0 });
    expect(owners({ 3: { name: 'Track_audio/L16' } }, { [TO]: '3' })).toEqual({ 3: 1 });
    expect(owners({ 1: {}, 2: { name: FROM } }, { [FROM]: '1' })).toEqual({ 2: 0 });
    expect(owners({ 1: { name: 'MUSIC' }, 2: { name: TO } }, { [FROM]: '1' })).toEqual({ 2: 1 });
  });

  it.each(['Track_audio/L16', '', undefined])(
    'is the customer’s where it is the only one, named %j',
    (name) => {
      expect(owners({ 4: name === undefined ? {} : { name } })).toEqual({ 4: 0 });
    },
  );

  it('is nobody’s where nothing tells', () => {
    expect(owners({ 1: {}, 2: {} })).toEqual({});
    expect(owners({ 1: { name: 'MUSIC' } })).toEqual({});
    expect(owners({})).toEqual({});
    expect(owners({ 1: {}, 2: {} }, { [FROM]: '', [TO]: 'the first' })).toEqual({});
  });

  it('is nobody’s where its blocks would have to be decoded first', () => {
    expect(owners({ 1: { name: FROM, encoded: true }, 2: { name: TO } })).toEqual({ 2: 1 });
    expect(owners({ 1: { encoded: true } })).toEqual({});
    expect(owners({ 1: { encoded: true }, 2: {} }, { [FROM]: '1', [TO]: '2' })).toEqual({ 2: 1 });
  });
});

describe('the length of a fragment', () => {
  const block = (channel: 0 | 1, fromMs: number, samples: number) => ({
    channel,
    atMs: T0 + fromMs,
    pcm: ramp(samples),
  });

  it('is the time from its earliest block to the end of its latest', () => {
    const blocks = [block(0, 100, 800), block(1, 40, 80), block(1, 90, 80)];
    expect(lengthMsOf(fragmentOf({ blocks }))).toBe(160);
    expect(lengthMsOf(fragmentOf({ blocks: [...blocks].reverse() }))).toBe(160);
  });

  it('goes by the rate that it tells, or else by Connect’s', () => {
    const blocks = [block(0, 0, 800)];
    expect(lengthMsOf(fragmentOf({ blocks, mimeType: 'audio/L16;rate=16000' }))).toBe(50);
    for (const mimeType of ['', 'audio/AAC;rate=16000'])
      expect(lengthMsOf(fragmentOf({ blocks, mimeType }))).toBe(100);
  });

  it('is nothing without audio', () => {
    expect(lengthMsOf(fragmentOf({}))).toBe(0);
    expect(lengthMsOf(fragmentOf({ blocks: [block(0, 0, 0)] }))).toBe(0);
  });
});
