import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAC } from '../../../../recording/audio/format/flac/flac.ts';
import { FrameWriter } from '../../../../recording/audio/format/flac/frame.ts';
import type { SampleFacts } from '../../../../recording/audio/format/format.ts';
import { decodeFlac } from '../../../support/flac-decoder.ts';
import { referenceBytes } from '../../../support/flac-encoder.ts';
import { type Random, seeded } from '../../../support/random.ts';
import { runs } from '../../../support/runs.ts';

const STEREO: SampleFacts = { sampleRate: 8_000, channels: 2 };

/** Each piece is valid until the next is taken. */
const copies = (pieces: Iterable<Uint8Array>) => Array.from(pieces, (piece) => Buffer.from(piece));

/** Chunk by chunk, each of which is used again for the next. */
function encoded(samples: Uint8Array, facts = STEREO, chunkBytes = 65_536): Buffer {
  const encoder = FLAC.encoder(facts);
  const pieces: Buffer[] = [];
  const chunk = new Uint8Array(chunkBytes);
  for (let at = 0; at < samples.length; at += chunkBytes) {
    const part = samples.subarray(at, at + chunkBytes);
    chunk.set(part);
    pieces.push(...copies(encoder.encode(chunk.subarray(0, part.length))));
  }
  pieces.push(...copies(encoder.finish()));
  return Buffer.concat([encoder.header(samples.length / (2 * facts.channels)), ...pieces]);
}

/** @param sample by its place among all samples, whatever the channel */
function samplesOf(count: number, sample: (at: number) => number): Buffer {
  return Buffer.from(Int16Array.from({ length: count }, (_, at) => sample(at)).buffer);
}

const LOUD = 32_767;
const noise = (random: Random, loudness: number) => () => random.integer(-loudness - 1, loudness);
const tone = (hertz: number) => (at: number) =>
  Math.round(LOUD * Math.sin((2 * Math.PI * hertz * (at >> 1)) / 8_000));

const SIGNALS: readonly (readonly [name: string, sample: (at: number) => number, bytesMax: number])[] = [
  ['silence', () => 0, 0.01],
  ['a constant that is not nought', () => -12_345, 0.01],
  ['a side that is silent', (at) => (at % 2 === 0 ? 0 : tone(440)(at)), 0.5],
  ['a tone', tone(300), 0.7],
  ['full-scale noise', noise(seeded(1), LOUD), 1.01],
  ['quiet noise', noise(seeded(2), 3), 0.3],
  ['one extreme after the other', (at) => ((at >> 1) % 2 === 0 ? LOUD : -LOUD - 1), 1.01],
  ['one sample in a long silence', (at) => (at === 9_001 ? -LOUD - 1 : 0), 0.05],
  ['what was µ-law once: two low bits are nought', (at) => noise(seeded(at), 500)() * 4, 0.75],
  ['a step', (at) => (at < 5_000 ? 100 : 20_000), 0.05],
  ['a slope', (at) => (at >> 1) * 3 - 15_000, 0.07],
  ['a parabola', (at) => Math.round(((at >> 1) - 5_000) ** 2 / 1_000), 0.12],
  ['noise that comes and goes', (at) => noise(seeded(at), (at >> 7) % 5 === 0 ? 9_000 : 20)(), 0.55],
];

describe('FLAC', () => {
  it.each(SIGNALS)('gives the samples back: %s', async (_name, sample, bytesMax) => {
    const samples = samplesOf(20_000, sample);
    const file = encoded(samples);
    const decoded = await decodeFlac(file);
    expect(Buffer.compare(decoded.samples, samples)).toBe(0);
    expect(decoded).toMatchObject({ ...STEREO, bitsPerSample: 16, totalFrames: 10_000 });
    expect(file.length / samples.length).toBeLessThan(bytesMax);
  });

  it.each([0, 1, 2, 3, 4, 5, 15, 16, 17, 100, 2_047, 2_048, 2_049, 4_096, 300_000])(
    'takes a call of %d frames',
    async (frames) => {
      const samples = samplesOf(2 * frames, noise(seeded(frames), 300));
      const decoded = await decodeFlac(encoded(samples));
      expect(Buffer.compare(decoded.samples, samples)).toBe(0);
      expect(decoded.totalFrames).toBe(frames);
    },
  );

  it.each([
    1, 1_000, 8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 65_535, 96_000, 123_450, 123_457, 192_000,
  ])('tells the rate of %d Hz, in each frame where there is room for it', async (sampleRate) => {
    const samples = samplesOf(9_000, noise(seeded(sampleRate), 1_000));
    const decoded = await decodeFlac(encoded(samples, { sampleRate, channels: 2 }));
    expect([decoded.sampleRate, ...decoded.frameRates]).toEqual([sampleRate, sampleRate]);
  });

  /** RFC 9639, 9.1.2 and 9.1.7: the rate's four bits are the third byte's lower ones; 13, Hz in 16 bits; 14, tens of them; 0, see STREAMINFO. */
  it.each([
    [8_000, 4, undefined],
    [16_000, 5, undefined],
    [192_000, 3, undefined],
    [1, 13, 1],
    [65_535, 13, 65_535],
    [65_540, 14, 6_554],
    [65_541, 0, undefined],
  ])('says %d Hz in a frame’s own header', (sampleRate, code, value) => {
    const silence = new Int32Array(16);
    const frame = Buffer.from(new FrameWriter({ sampleRate, channels: 2 }, 16).write(0, [silence, silence]));
    expect(frame.readUInt8(2) & 0xf).toBe(code);
    if (value !== undefined) expect(frame.readUInt16BE(7)).toBe(value);
  });

  it('has one side alone, too', async () => {
    const samples = samplesOf(10_000, noise(seeded(4), 1_000));
    const decoded = await decodeFlac(encoded(samples, { sampleRate: 8_000, channels: 1 }));
    expect(decoded).toMatchObject({ channels: 1, totalFrames: 10_000 });
    expect(Buffer.compare(decoded.samples, samples)).toBe(0);
  });

  it('takes a long call', async () => {
    const samples = Buffer.alloc(2 * 2_048 * 2_100);
    samples.writeInt16LE(1_234, samples.length - 2);
    const decoded = await decodeFlac(encoded(samples, { sampleRate: 8_000, channels: 1 }));
    expect(decoded.samples.equals(samples)).toBe(true);
  }, 30_000);

  /** What follows the number: how many samples there are, less one. */
  const SIZE = '000f';

  it.each([0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xffff, 0x1_0000, 0x10_ffff])(
    'numbers frame %d as UTF-8 would',
    (number) => {
      const frame = new FrameWriter(STEREO, 16).write(number, [new Int32Array(16), new Int32Array(16)]);
      const expected = Buffer.from(String.fromCodePoint(number)).toString('hex') + SIZE;
      expect(Buffer.from(frame.subarray(4)).toString('hex').startsWith(expected)).toBe(true);
    },
  );

  it.each([
    [0x1f_ffff, 'f7bfbfbf'],
    [0x20_0000, 'f888808080'],
    [0x3ff_ffff, 'fbbfbfbfbf'],
    [0x400_0000, 'fc8480808080'],
  ])('numbers frame %d as UTF-8 would if it went on', (number, hex) => {
    const frame = new FrameWriter(STEREO, 16).write(number, [new Int32Array(16), new Int32Array(16)]);
    expect(
      Buffer.from(frame.subarray(4))
        .toString('hex')
        .startsWith(hex + SIZE),
    ).toBe(true);
  });

  it('gives the same bytes however the samples come', () => {
    const samples = samplesOf(30_000, noise(seeded(5), 700));
    const [file, ...others] = [65_536, 1, 3, 7_777].map((chunkBytes) => encoded(samples, STEREO, chunkBytes));
    for (const other of others) expect(Buffer.compare(other, file ?? Buffer.alloc(0))).toBe(0);
  });

  it.each(SIGNALS)(
    'is as small as the reference encoder has it by the same means: %s',
    async (_name, sample) => {
      const samples = samplesOf(20_000, sample);
      const ours = encoded(samples).length - FLAC.headerBytesMax;
      // A few bytes of each frame's header.
      const room = 2 * Math.ceil(10_000 / 2_048);
      expect(ours).toBeLessThanOrEqual(1.003 * (await referenceBytes(samples, 2, 2_048)) + room);
    },
  );

  it('takes what nobody has thought of', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = seeded(seed);
        const samples = samplesOf(2 * random.integer(1, 7_000), wandering(random));
        const decoded = await decodeFlac(encoded(samples, STEREO, random.integer(1, 9_000)));
        expect(Buffer.compare(decoded.samples, samples)).toBe(0);
      }),
      { numRuns: runs(150) },
    );
  }, 30_000);

  it('makes the sample call a quarter as large, and tells in STREAMINFO what a decoder may rely on', async () => {
    const wav = readFileSync(join(import.meta.dirname, '../../../../local/sample/call.wav'));
    const samples = wav.subarray(44);
    const file = encoded(samples);
    const { samples: decoded, frameBytes } = await decodeFlac(file);
    expect(Buffer.compare(decoded, samples)).toBe(0);
    expect(file.length / wav.length).toBeLessThan(0.25);
    expect(file.length).toBeLessThan(await referenceBytes(samples, 2, 2_048));
    expect(file.subarray(26, 42).toString('hex')).toBe(createHash('md5').update(samples).digest('hex'));
    expect(frameBytes.min).toBeGreaterThan(10);
    expect(frameBytes.max).toBeLessThanOrEqual(2_048 * 4 + 64);
  });

  it.each([0, 1, 2_048, 9_000])(
    'tells in STREAMINFO how large its frames are: %d of samples',
    async (count) => {
      const encoder = FLAC.encoder(STEREO);
      const samples = samplesOf(2 * count, noise(seeded(6), 900));
      const frames = [...copies(encoder.encode(samples)), ...copies(encoder.finish())];
      const { frameBytes, frameSamples } = await decodeFlac(
        Buffer.concat([encoder.header(count), ...frames]),
      );
      const sizes = frames.map(({ length }) => length);
      expect(frameBytes).toEqual({ min: count === 0 ? 0 : Math.min(...sizes), max: Math.max(0, ...sizes) });
      expect(frameSamples).toEqual({ min: 2_048, max: 2_048 });
    },
  );

  it('refuses half a frame', () => {
    const encoder = FLAC.encoder(STEREO);
    expect([...encoder.encode(new Uint8Array(6))]).toEqual([]);
    expect(() => [...encoder.finish()]).toThrow('in the middle of a frame');
  });
});

/** Noise whose loudness, drift and low bits change now and then, with silence in between. */
function wandering(random: Random): (at: number) => number {
  let [loudness, shift, drift, value] = [0, 0, 0, 0];
  return () => {
    if (random.chance(0.002)) {
      loudness = random.pick([0, 1, 10, 300, 5_000, LOUD]);
      shift = random.pick([0, 0, 2, 3, 15]);
      drift = random.integer(-40, 40);
    }
    value = loudness === 0 ? value : value + drift + random.integer(-loudness, loudness);
    if (Math.abs(value) > LOUD) value = 0;
    return (value >> shift) << shift;
  };
}
