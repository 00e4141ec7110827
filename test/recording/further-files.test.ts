import { describe, expect, it } from 'vitest';
import type { StoredFile } from '../../recording/call-record.ts';
import { filesBeside } from '../../recording/further-files.ts';

const SAMPLES = 'the samples of the WAV';

function stored(format: string, sha256 = SAMPLES, bytes = 1): StoredFile {
  return { format, key: `call.${format}`, bytes, headerBytes: 42, sha256, dataSha256: 'data' };
}

describe('the files that a record names beside its WAV', () => {
  it.each([
    ['what was made now', [stored('flac', SAMPLES, 2)], [stored('flac')], [stored('flac', SAMPLES, 2)]],
    [
      'an earlier one of the same samples, where it failed now',
      [{ format: 'flac', why: 'so' }],
      [stored('flac')],
      [stored('flac')],
    ],
    [
      'why there is none, where the earlier one is of other samples',
      [{ format: 'flac', why: 'so' }],
      [stored('flac', 'other')],
      [{ format: 'flac', why: 'so' }],
    ],
    ['an earlier one that isn’t asked for any more', [], [stored('flac')], [stored('flac')]],
    ['no earlier one of other samples', [], [stored('flac', 'other')], []],
    [
      'each format by itself',
      [stored('a'), { format: 'b', why: 'so' }],
      [stored('b'), stored('c'), stored('d', 'other')],
      [stored('a'), stored('b'), stored('c')],
    ],
    ['nothing', [], [], []],
  ])('%s', (_, made, earlier, expected) => {
    expect(filesBeside(made, earlier, SAMPLES)).toEqual(expected);
  });
});
