import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordKey, wavKey } from '../../recording/audio/files/keys.ts';
import {
  executionName,
  parseContactId,
  parseRecording,
  parseRecordingId,
  recordingId,
} from '../../recording/identity.ts';
import { parseTapeKey, tapeKey, tapePrefix } from '../../recording/tape/keys.ts';
import { RECORDING } from '../support/call.ts';

const number = fc.bigInt({ min: 0n, max: 10n ** 47n - 1n });
const recordings = fc.record({ contactId: fc.uuid(), startFragmentNumber: number });

describe('recording id', () => {
  it('reads back as the recording that it names', () => {
    fc.assert(
      fc.property(recordings, (recording) => {
        expect(parseRecordingId(recordingId(recording))).toEqual(recording);
      }),
    );
  });

  it('is 68 characters for the ids that Connect gives, and fits an execution’s name with every resumption', () => {
    expect(recordingId(RECORDING)).toHaveLength(68);
    expect(executionName(RECORDING, 9_999_999_999).length).toBeLessThanOrEqual(80);
    expect(executionName(RECORDING, 2)).toBe(`${recordingId(RECORDING)}-r2`);
  });

  it.each(['', 'x', 'a_', '_1', '../../a_1', 'a_1_2', 'a_ABC', `${'a'.repeat(37)}_1`])(
    'refuses %j',
    (text) => {
      expect(() => parseRecordingId(text)).toThrow(/recording id|contact id/);
    },
  );
});

describe('contact id', () => {
  it.each(['', '../x', 'a/b', 'a b', 'a\u0000', 'a\n', 'ü', '-a', 'a'.repeat(37)])('refuses %j', (text) => {
    expect(() => parseContactId(text)).toThrow('a contact id is');
  });

  it('is not repeated in the error: it may be anything', () => {
    expect(() => parseContactId('secret/../x')).not.toThrow(/secret/);
  });
});

describe('fragment number', () => {
  it.each(['', '-1', '1.5', '0x1', '1e3', ' 1', '9'.repeat(61)])('refuses %j', (text) => {
    expect(() => parseRecording('a', text)).toThrow('a fragment number is');
  });
});

describe('keys', () => {
  it('name a tape object so that it reads back, and sort as the numbers do', () => {
    fc.assert(
      fc.property(number, number, fc.uuid(), (a, b, uuid) => {
        const key = (first: bigint) => tapeKey(RECORDING, { first, last: b, uuid });
        expect(parseTapeKey(key(a))).toEqual({ first: a, last: b, uuid });
        expect(key(a).startsWith(tapePrefix(RECORDING))).toBe(true);
        expect(key(a) < key(b)).toBe(a < b);
      }),
    );
  });

  it('lie under the UTC date of the start', () => {
    const startedAt = new Date('2026-01-02T00:30:00+01:00');
    const stem = `recordings/2026/01/01/${RECORDING.contactId}/${RECORDING.startFragmentNumber}`;
    expect(wavKey(RECORDING, startedAt)).toBe(`${stem}.wav`);
    expect(recordKey(RECORDING, startedAt)).toBe(`${stem}.json`);
  });

  it.each([
    '',
    'x.mkv',
    `${'1'.repeat(60)}-${'2'.repeat(60)}.mkv`,
    `${'1'.repeat(59)}-${'2'.repeat(60)}-a.mkv`,
  ])('refuse %j as a tape object’s', (key) => {
    expect(() => parseTapeKey(key)).toThrow('a tape object is named');
  });
});
