import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { wavHeader } from '../../../../recording/audio/format/wav/header.ts';

const { WaveFile } = wavefile;
const BYTES_PER_FRAME = 4;

describe('wavHeader', () => {
  it('is the canonical 44 bytes, and another program reads the samples behind it', () => {
    const samples = Buffer.from(Int16Array.from([1, -2, 300, -400, 32_767, -32_768]).buffer);
    const header = wavHeader(8_000, 3);
    const wav = new WaveFile(Buffer.concat([header, samples]));
    expect(header).toHaveLength(44);
    expect(wav.fmt).toMatchObject({
      audioFormat: 1,
      numChannels: 2,
      sampleRate: 8_000,
      byteRate: 32_000,
      bitsPerSample: 16,
    });
    expect(Array.from(wav.getSamples(true, Int16Array))).toEqual([1, -2, 300, -400, 32_767, -32_768]);
  });

  const riffFramesMax = Math.floor((0xffff_ffff - 36) / BYTES_PER_FRAME);

  it('stays RIFF up to the last byte that 32 bits can count', () => {
    const header = Buffer.from(wavHeader(8_000, riffFramesMax));
    expect(header.toString('latin1', 0, 4)).toBe('RIFF');
    expect(header.readUInt32LE(4)).toBe(riffFramesMax * BYTES_PER_FRAME + 36);
    expect(header.readUInt32LE(40)).toBe(riffFramesMax * BYTES_PER_FRAME);
  });

  it('becomes RF64 beyond (EBU Tech 3306): 80 bytes, 64-bit sizes in ds64', () => {
    const frames = riffFramesMax + 1;
    const header = Buffer.from(wavHeader(8_000, frames));
    const dataBytes = BigInt(frames) * BigInt(BYTES_PER_FRAME);
    expect(header).toHaveLength(80);
    expect(header.toString('latin1', 0, 4)).toBe('RF64');
    expect(header.readUInt32LE(4)).toBe(0xffff_ffff);
    expect(header.toString('latin1', 8, 16)).toBe('WAVEds64');
    expect(header.readUInt32LE(16)).toBe(28);
    expect(header.readBigUInt64LE(20)).toBe(dataBytes + 72n);
    expect(header.readBigUInt64LE(28)).toBe(dataBytes);
    expect(header.readBigUInt64LE(36)).toBe(BigInt(frames));
    expect(header.toString('latin1', 48, 52)).toBe('fmt ');
    expect(header.toString('latin1', 72, 76)).toBe('data');
    expect(header.readUInt32LE(76)).toBe(0xffff_ffff);
  });
});
