import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { readWav, WavError } from '../../../local/run/wav-input.ts';
import { noise } from '../../support/kinesis.ts';

/** A WAV by an encoder that isn't ours. */
function wav(channels: readonly Int16Array[], sampleRate = 8000, container = 'RIFF'): Uint8Array {
  const file = new wavefile.WaveFile();
  const samples = channels.length === 1 ? (channels[0] ?? []) : channels;
  file.fromScratch(channels.length, sampleRate, '16', samples, { container });
  return file.toBuffer();
}

/** The same, converted. */
function converted(channels: readonly Int16Array[], convert: (file: wavefile.WaveFile) => void): Uint8Array {
  const file = new wavefile.WaveFile();
  file.fromBuffer(wav(channels));
  convert(file);
  return file.toBuffer();
}

describe('readWav', () => {
  it.each(['RIFF', 'RIFX'])('gives the very samples of a 16-bit %s, at its own rate', (container) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 1, max: 2 }),
        fc.constantFrom(8_000, 11_025, 16_000, 48_000),
        fc.integer({ min: 0, max: 1 }),
        (frames, channelCount, sampleRate, offset) => {
          const channels = Array.from({ length: channelCount }, (_, channel) => noise(frames, channel));
          const bytes = wav(channels, sampleRate, container);
          // Files are read into buffers that may begin anywhere.
          const shifted = new Uint8Array(bytes.length + offset).subarray(offset);
          shifted.set(bytes);
          expect(readWav(shifted)).toEqual({ sampleRate, channels });
        },
      ),
      { numRuns: 20 },
    );
  });

  it.each([
    ['24 bit', '24', 1],
    ['32 bit', '32', 1],
    ['float', '32f', 1],
    ['8 bit', '8', 300],
  ])('converts %s to 16 bit', (_, bitDepth, tolerance) => {
    const channels = [noise(500, 1), noise(500, 2)];
    const bytes = converted(channels, (file) => {
      file.toBitDepth(bitDepth);
    });
    const read = readWav(bytes);
    expect(read.channels).toHaveLength(2);
    for (const [channel, samples] of channels.entries()) {
      const differences = samples.map((sample, at) =>
        Math.abs(sample - (read.channels[channel]?.[at] ?? 1e9)),
      );
      expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance);
    }
  });

  it.each([
    ['µ-law', 'toMuLaw'],
    ['A-law', 'toALaw'],
  ] as const)('decodes %s', (_, method) => {
    const samples = Int16Array.from({ length: 400 }, (__, at) => Math.round(20_000 * Math.sin(at / 10)));
    const [decoded] = readWav(
      converted([samples], (file) => {
        file[method]();
      }),
    ).channels;
    expect(decoded).toHaveLength(samples.length);
    for (const [at, sample] of samples.entries()) {
      expect(Math.abs((decoded?.[at] ?? 1e9) - sample)).toBeLessThanOrEqual(Math.abs(sample) / 16 + 16);
    }
  });

  it('gives what is there of a file that breaks off, in whole frames', () => {
    const channels = [noise(100, 1), noise(100, 2)];
    const read = readWav(wav(channels).subarray(0, 44 + 4 * 60 + 3));
    expect(read.channels).toEqual(channels.map((samples) => samples.subarray(0, 60)));
  });

  it.each([
    ['an empty file', new Uint8Array(0), /not a WAV/],
    ['text', Buffer.from('once upon a time, there was a file'), /not a WAV/],
    ['a header alone', wav([noise(10)]).subarray(0, 44), /holds no samples/],
    ['half a header', wav([noise(10)]).subarray(0, 30), /not a WAV/],
    ['three channels', wav([noise(10), noise(10), noise(10)]), /3 channels; give one/],
    [
      'ADPCM',
      converted([noise(600)], (file) => {
        file.toIMAADPCM();
      }),
      /format 17.*give 16-bit PCM/,
    ],
    ['an absurd rate', wav([noise(10)], 100), /100 Hz/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readWav(bytes)).toThrow(WavError);
    expect(() => readWav(bytes)).toThrow(message);
  });
});
