/** What the local run says: nothing stands for a name that the reader has to find out. */
import { expect, test } from 'vitest';
import { callInDump, callOf } from '../../../local/run/call.ts';
import { summary } from '../../../local/run/summary.ts';

test.each([
  [
    () => callInDump([], 'somebody'),
    'the file holds no call of contact somebody; the contacts in it are: none',
  ],
  [() => callInDump([]), 'no fragment in the file carries a ContactId tag'],
  [() => callOf('somebody', [], [], []), 'there is no audio in the file'],
])('of a file that can’t be used: %#', (read, message) => {
  expect(read).toThrow(message);
});

test('a hash of the samples is told to be one', () => {
  const audio = { frames: 1, sampleRate: 8_000, bytes: 48, sha256: 'ab' };
  const result = {
    record: { ...record(0, 0), audio },
    answer: {},
    events: [],
    execution: undefined,
    killed: undefined,
  };
  expect(summary(result, { record: 'somebody.json' })).toMatch(/sha256 +ab \(of the samples\)/);
});

const record = (gapCount: number, ms: number) => ({
  contactId: 'somebody',
  status: 'COMPLETE',
  startedAt: '2026-03-14T09:26:53.589Z',
  media: { fragments: 1, gapCount, gapMs: { AUDIO_TO_CUSTOMER: ms }, reopenings: 0, resumes: 0 },
});

test.each([
  [0, 0, /gaps +none/],
  [2, 1_500, /gaps +2, in which no audio came: 1\.50 s AUDIO_TO_CUSTOMER/],
])('%i gaps are no word on silence that came as audio', (gapCount, ms, row) => {
  const result = {
    record: record(gapCount, ms),
    answer: {},
    events: [],
    execution: undefined,
    killed: undefined,
  };
  const text = summary(result, { record: 'somebody.json' });
  expect(text).toMatch(row);
  expect(text).not.toMatch(/silence/i);
});

test.each([
  [
    { words: 73, segments: 8, untranscribedMs: 0, sources: ['recognise'] },
    /words +73 in 8 segments, by recognise; callspool calls show --words has them/,
  ],
  [
    { words: 7, segments: 1, untranscribedMs: 2_500, sources: ['transcribe'] },
    /words +7 in 1 segments, by transcribe, and nothing of 2\.50 s;/,
  ],
  [{ why: 'S3 is out' }, /words +none: S3 is out/],
])('what was written down is told: %#', (transcript, row) => {
  const result = {
    record: { ...record(0, 0), transcript },
    answer: {},
    events: [],
    execution: undefined,
    killed: undefined,
  };
  expect(summary(result, { record: 'somebody.json' })).toMatch(row);
  expect(summary({ ...result, record: record(0, 0) }, { record: 'somebody.json' })).not.toMatch(/^ +words /m);
});
