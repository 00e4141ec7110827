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
import { parseTapeKey, tapeKey, tapeKeyBefore, tapePrefix } from '../../recording/tape/keys.ts';
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
    expect(executionName(RECORDING)).toBe(recordingId(RECORDING));
    expect(executionName(RECORDING, 2)).toBe(`${recordingId(RECORDING)}-r2`);
  });

  it.each(['', 'x', 'a_', '_1', '../../a_1', 'a_1_2', 'a_ABC', `${'a'.repeat(37)}_1`])(
    'refuses %j',
    (text) => {
      expect(() => parseRecordingId(text)).toThrow(/recording id|contact id/);
    },
  );

  it('that is malformed is told by what is allowed', () => {
    const message = 'a recording id is <contactId>_<start fragment number in base 36>';
    expect(() => parseRecordingId('x')).toThrow(expect.objectContaining({ name: 'RecordingError', message }));
  });
});

describe('contact id', () => {
  it.each(['a', 'A9', 'a-b', 'a'.repeat(36)])('may be %j', (text) => {
    expect(parseContactId(text)).toBe(text);
  });

  it.each(['', '../x', 'a/b', 'a b', 'a\u0000', 'a\n', 'ü', '-a', 'a-', 'a'.repeat(37)])(
    'refuses %j',
    (text) => {
      expect(() => parseContactId(text)).toThrow('a contact id is');
    },
  );

  it('is not repeated in the error: it may be anything', () => {
    expect(() => parseContactId('secret/../x')).toThrow(/got 11 characters that are not$/);
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

  it('of objects that begin with a number or a later one lie behind it, and no others', () => {
    const key = (first: bigint, uuid = '0') => tapeKey(RECORDING, { first, last: 99n, uuid });
    for (const from of [7n, 10n ** 46n]) {
      expect(tapeKeyBefore(RECORDING, from) < key(from)).toBe(true);
      expect(tapeKeyBefore(RECORDING, from) > key(from - 1n, 'f')).toBe(true);
    }
    expect(tapePrefix(RECORDING)).toBe(`tape/${RECORDING.contactId}/${RECORDING.startFragmentNumber}/`);
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
    `${'1'.repeat(61)}-${'2'.repeat(60)}-a.mkv`,
    `${'1'.repeat(60)}-${'2'.repeat(60)}-a.mkvx`,
    `${'1'.repeat(60)}-${'2'.repeat(60)}-a/x`,
    `${'1'.repeat(60)}-${'2'.repeat(60)}-${'a'.repeat(37)}.mkv`,
    `${'1'.repeat(60)}-${'2'.repeat(60)}-amkv`,
  ])('refuse %j as a tape object’s', (key) => {
    expect(() => parseTapeKey(key)).toThrow('a tape object is named');
  });
});
