import { expect, test } from 'vitest';
import { WaveFile } from 'wavefile';
import { muLaw } from '../../../recording/audio/mulaw.ts';
import { decodedMuLaw, muLawOf } from '../../support/websocket/g711.ts';

const EVERY = Int16Array.from({ length: 0x10000 }, (_, index) => index - 0x8000);
const BYTES = new Uint8Array(EVERY.buffer);

test('each sample has the code that G.711’s table gives it', () => {
  const codes = muLaw(BYTES);

  const wrong = EVERY.findIndex((sample, index) => codes[index] !== muLawOf(sample));
  expect(wrong).toBe(-1);
});

test('a library encodes and decodes them alike', () => {
  const wav = new WaveFile();
  wav.fromScratch(1, 8_000, '16', EVERY);
  wav.toMuLaw();
  const codes = Uint8Array.from(wav.getSamples());
  expect(Buffer.compare(muLaw(BYTES), codes)).toBe(0);

  wav.fromMuLaw();
  const decoded = wav.getSamples();
  const wrong = codes.findIndex((code, index) => decodedMuLaw(code) !== decoded[index]);
  expect(wrong).toBe(-1);
});

test('what is decoded and encoded again is the same', () => {
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code).filter((code) => code !== 0x7f);
  const samples = Int16Array.from(codes, decodedMuLaw);

  expect(muLaw(new Uint8Array(samples.buffer))).toEqual(codes);
});

test('one of several sides, wherever in memory it begins', () => {
  const stereo = Buffer.from([
    9,
    ...Buffer.from(Int16Array.of(1_000, -2_000, 3_000, -4_000).buffer),
  ]).subarray(1);

  expect([...muLaw(stereo, 1, 2)]).toEqual([muLawOf(-2_000), muLawOf(-4_000)]);
  expect([...muLaw(stereo, 0, 2)]).toEqual([muLawOf(1_000), muLawOf(3_000)]);
  expect(muLaw(new Uint8Array())).toHaveLength(0);
});
