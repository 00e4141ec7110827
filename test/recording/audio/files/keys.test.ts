import { describe, expect, it } from 'vitest';
import { formatOfFile, FURTHER_FORMAT_NAMES, titleOf } from '../../../../recording/audio/files/formats.ts';
import {
  fileKey,
  filesPrefix,
  recordKey,
  transcriptKey,
  utcDay,
  wavKey,
} from '../../../../recording/audio/files/keys.ts';
import { FLAC } from '../../../../recording/audio/format/flac/flac.ts';
import { WAV } from '../../../../recording/audio/format/wav/wav.ts';
import { RECORDING } from '../../../support/call.ts';

const STARTED = new Date('2026-01-02T00:30:00+01:00');
const STEM = `recordings/2026/01/01/${RECORDING.contactId}/${RECORDING.startFragmentNumber}`;

describe('a recording’s files', () => {
  it('lie under the UTC date of its start', () => {
    expect(utcDay(STARTED)).toBe('2026-01-01');
    expect(wavKey(RECORDING, STARTED)).toBe(`${STEM}.wav`);
    expect(fileKey(RECORDING, STARTED, FLAC)).toBe(`${STEM}.flac`);
    expect(recordKey(RECORDING, STARTED)).toBe(`${STEM}.json`);
    expect(transcriptKey(RECORDING, STARTED, 'vtt')).toBe(`${STEM}.transcript.vtt`);
    expect(filesPrefix(RECORDING, STARTED)).toBe(`${STEM}.`);
  });
});

describe('a format', () => {
  it('has a title, by its name in a record', () => {
    expect(titleOf(FLAC.name)).toBe(FLAC.title);
    expect(titleOf(WAV.name)).toBe(WAV.title);
    expect(titleOf('opus')).toBe('opus');
  });

  it.each([
    ['call.wav', WAV],
    ['CALL.FLAC', FLAC],
    ['call.wav.flac', FLAC],
    ['callwav', undefined],
    ['wav', undefined],
    ['call.mp3', undefined],
  ])('is told by the end of a file’s name: %s', (file, format) => {
    expect(formatOfFile(file)).toBe(format);
  });

  it('beside the WAV is asked for by its name', () => {
    expect(FURTHER_FORMAT_NAMES).toEqual(['flac']);
  });
});
