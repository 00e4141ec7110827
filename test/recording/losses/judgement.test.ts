import { describe, expect, it } from 'vitest';
import type { CallRecord, Verification } from '../../../recording/call-record.ts';
import { earlierOf } from '../../../recording/losses/earlier.ts';
import { judge } from '../../../recording/losses/judgement.ts';
import { CONTACT_ID, EXECUTION_ARN, recordOf, STARTED_AT } from '../../support/call.ts';
import { range } from '../../support/recording-world.ts';
import { evidenceOf, LIST, loss, number, type Row } from './evidence.ts';

const NOW = '2026-03-15T00:00:00.000Z';
const judged = (row: Omit<Row, 'what' | 'expected'> = {}) =>
  judge(evidenceOf({ what: '', expected: [], ...row }), Date.parse(NOW));

const AUDIO = {
  bucket: 'b',
  key: 'k',
  bytes: 44,
  sha256: '',
  sampleRate: 8_000,
  channels: 2,
  frames: 80_000,
} as const;
const MEDIA = {
  fragments: 10,
  gapCount: 0,
  gapMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 },
  gaps: [],
  reanchored: 0,
  reopenings: 0,
  resumes: 0,
  maxBehindMs: 0,
} as const;
const STANDING = { audio: AUDIO, media: MEDIA, durationMs: 10_000 };

describe('how completeness was checked', () => {
  const byRecord: Verification = { method: 'CONTACT_RECORDINGS', at: STARTED_AT, why: 'expired' };

  it.each<[string, Omit<Row, 'what' | 'expected'>, Verification]>([
    ['nothing could be asked', {}, { method: 'NONE', at: NOW, why: 'expired' }],
    ['Connect names the last fragment', { named: 9 }, { ...byRecord, at: NOW }],
    [
      'the stream lists them',
      { listed: range(0, 10) },
      { method: 'LIST_FRAGMENTS', at: NOW, fragmentsListed: 10, fragmentsMissing: 0 },
    ],
    [
      'the stream lists more than it gives',
      { listed: range(0, 12), gone: [10, 11], takenForNext: 3 },
      {
        method: 'LIST_FRAGMENTS',
        at: NOW,
        fragmentsListed: 12,
        fragmentsMissing: 2,
        fragmentsTakenForNext: 3,
      },
    ],
    ['a list of the same fragments was there before', { earlier: {} }, LIST],
    ['Connect’s word was there before', { earlier: { verification: byRecord } }, byRecord],
    [
      'Connect’s word is there, as it was before',
      { named: 9, earlier: { verification: byRecord } },
      { ...byRecord, at: NOW },
    ],
    [
      'a list was there before, of no more than there is now',
      {
        tape: range(0, 12),
        counted: 12,
        earlier: { fragments: 10, verification: { ...LIST, fragmentsMissing: 2, fragmentsListed: 12 } },
      },
      { ...LIST, fragmentsListed: 12, fragmentsMissing: 0 },
    ],
    [
      'a list was there before, of more than there is now',
      {
        tape: range(0, 11),
        counted: 11,
        earlier: { fragments: 10, verification: { ...LIST, fragmentsListed: 12 } },
      },
      { method: 'NONE', at: NOW, why: 'expired' },
    ],
    [
      'a better word was there before, without numbers',
      { tape: range(0, 11), counted: 11, earlier: { fragments: 10, verification: byRecord } },
      { method: 'NONE', at: NOW, why: 'expired' },
    ],
  ])('%s', (_, row, expected) => {
    expect(judged(row).verification).toEqual(expected);
  });
});

describe('a tape of which no object may be read', () => {
  it('is FAILED, and says what to do', () => {
    const { verdict, losses, standing, keptWhy } = judged({ isRefused: true });
    expect(verdict.status).toBe('FAILED');
    expect(verdict.why).toMatch(
      /^no object of the tape may be read \(AccessDenied\): let the assemble function’s role read the bucket/,
    );
    expect(verdict.why).toMatch(/\(s3:GetObject\) and use its key \(kms:Decrypt\), .* the tape is kept$/);
    expect({ losses, standing, keptWhy }).toEqual({ losses: [], standing: undefined, keptWhy: '' });
  });

  it('leaves an earlier WAV as it is, and says so', () => {
    const { verdict, keptWhy, verification } = judged({
      isRefused: true,
      earlier: { fragments: 10, standing: STANDING },
    });
    expect(verdict.status).toBe('COMPLETE');
    expect(verification).toEqual(LIST);
    expect(keptWhy).toBe('the tape gives 0 of the 10 fragments that the WAV was made of: AccessDenied');
  });
});

describe('an earlier WAV that holds more', () => {
  const kept = (row: Omit<Row, 'what' | 'expected' | 'tape'> = {}) =>
    judged({
      tape: range(0, 8),
      counted: 10,
      position: 9,
      ...row,
      earlier: { fragments: 10, standing: STANDING, ...row.earlier },
    });

  it('is kept, and the record says why', () => {
    const { standing, keptWhy, verdict, losses } = kept();
    expect(standing).toBe(STANDING);
    expect(keptWhy).toBe(
      'the tape gives 8 of the 10 fragments that the WAV was made of: it has expired, or has been damaged, since. ' +
        'The earlier WAV holds more, and is kept',
    );
    expect({ verdict, losses }).toEqual({ verdict: { status: 'COMPLETE' }, losses: [] });
  });

  it('lacks what it lacked', () => {
    const missing = loss('FRAGMENTS_MISSING', 10, 11);
    const disproved = [loss('TAPE_DAMAGED', 3, 4)];
    expect(kept({ earlier: { losses: [missing], disproved } })).toMatchObject({
      verdict: { status: 'INCOMPLETE', why: 'fragments_missing' },
      losses: [missing],
      disproved,
    });
  });

  it('lacks what the recorder knows to be lost, but not what lies behind its end', () => {
    const cut = loss('FRAGMENT_CUT', 4);
    const behind = loss('FRAGMENT_MALFORMED', 12);
    expect(kept({ noted: [cut, cut, behind], nextStart: 10 }).losses).toEqual([cut]);
    expect(kept({ noted: [cut], earlier: { disproved: [cut] } }).losses).toEqual([]);
    expect(
      kept({
        ended: 'RECORDER_GAVE_UP',
        earlier: { endReason: 'IDLE', verification: { method: 'NONE', at: NOW } },
      }).losses,
    ).toMatchObject([{ kind: 'RECORDER_STOPPED', why: 'the recorder stopped before the call was over' }]);
  });

  it('lacks what the stream lists beyond it', () => {
    expect(kept({ listed: range(0, 10) }).losses).toEqual([]);
    expect(kept({ listed: range(0, 12) }).losses).toEqual([
      {
        kind: 'FRAGMENTS_MISSING',
        why: '2 fragments that the stream lists are not in the WAV that was kept',
      },
    ]);
    const missing = loss('FRAGMENTS_MISSING', 10, 11);
    expect(kept({ listed: range(0, 12), earlier: { losses: [missing] } }).losses).toEqual([missing]);
  });
});

describe('a session that another contact’s recording has, too', () => {
  const contact = { contactId: CONTACT_ID, sharesStreamWith: 'another_1' };
  const [start, missing] = [loss('START_MISSING', 0), loss('FRAGMENTS_MISSING', 1, 9)];

  it('is judged by how much of it is this contact’s', () => {
    expect(
      judged({ contact, noted: [start, missing], ended: 'NEXT_CONTACT', tape: [], isUnread: true }),
    ).toMatchObject({ verdict: { status: 'EMPTY' }, losses: [] });
  });

  it('is judged by the WAV that is kept, where one is', () => {
    const earlier = { fragments: 10, standing: STANDING, losses: [start, missing] };
    expect(
      judged({ contact, earlier, ended: 'NEXT_CONTACT', tape: [], counted: 10, position: 9 }),
    ).toMatchObject({ verdict: { status: 'INCOMPLETE' }, losses: [missing] });
  });
});

describe('what is noted is told', () => {
  it.each<[string, Omit<Row, 'what' | 'expected'>, unknown]>([
    [
      'fragments that are not to be had',
      { listed: range(0, 12), gone: [10, 11] },
      {
        kind: 'FRAGMENTS_MISSING',
        why: '2 fragments that the stream lists could not be had from it',
        firstFragmentNumber: number(10).toString(),
        lastFragmentNumber: number(11).toString(),
      },
    ],
    [
      'fragments that are not on the tape any more',
      { counted: 12 },
      { kind: 'TAPE_DAMAGED', why: '2 fragments were stored that are not on the tape any more' },
    ],
    [
      'a position that the stream has forgotten',
      { position: 6, counted: 7 },
      {
        kind: 'POSITION_LOST',
        why: 'a task was interrupted for so long that the stream had forgotten where it was; more may have followed',
        firstFragmentNumber: number(7).toString(),
      },
    ],
    [
      'a later fragment that Connect names',
      { named: 12 },
      {
        kind: 'FRAGMENTS_MISSING',
        why: 'the contact’s record in Connect names a later fragment as the last one',
        firstFragmentNumber: number(10).toString(),
        lastFragmentNumber: number(12).toString(),
      },
    ],
    [
      'a recorder that stopped',
      { ended: 'RECORDER_GAVE_UP' },
      { kind: 'RECORDER_STOPPED', why: 'the recorder stopped before the call was over' },
    ],
  ])('%s', (_, row, expected) => {
    expect(judged(row).losses).toEqual([expected]);
  });

  it.each<[string, Omit<Row, 'what' | 'expected'>]>([
    ['Connect names the last one that is there', { named: 9 }],
    [
      'what lies behind the position came from the archive just now',
      { position: 6, counted: 7, restored: [7, 8, 9] },
    ],
    ['what was cut has been had from the archive', { noted: [loss('FRAGMENT_CUT', 4)], restored: [4] }],
  ])('and nothing is where %s', (_, row) => {
    expect(judged(row).losses).toEqual([]);
  });

  it('once, where it is known already', () => {
    const cut = loss('CUT_AT_LIMIT');
    const missing = loss('FRAGMENTS_MISSING', 10, 14);
    expect(judged({ noted: [cut], ended: 'LONGEST_CALL', named: 12 }).losses).toEqual([cut]);
    expect(judged({ noted: [missing, missing], named: 14 }).losses).toEqual([missing]);
    expect(judged({ noted: [missing], named: 15 }).losses).toHaveLength(2);
    expect(judged({ noted: [loss('FRAGMENTS_MISSING', 11, 14)], named: 10 }).losses).toHaveLength(2);
  });
});

describe('what an earlier assembly found', () => {
  const record = (facts: Partial<CallRecord>) => recordOf(EXECUTION_ARN, facts);
  const facts = { verification: LIST, endReason: 'DISCONNECTED', endedAt: NOW } as const;
  const wav = { audio: AUDIO, media: MEDIA, durationMs: 10_000 };

  it('is nothing where none has come to its end', () => {
    expect(earlierOf(undefined, true)).toBeUndefined();
    expect(earlierOf(record({ ...wav }), true)).toBeUndefined();
  });

  it('stands in the record', () => {
    const [lost, disproved] = [[loss('FRAGMENT_CUT', 1)], [loss('POSITION_LOST', 2)]];
    expect(earlierOf(record({ ...facts, ...wav, losses: lost, disproved }), true)).toEqual({
      ...facts,
      losses: lost,
      disproved,
      fragments: 10,
      standing: STANDING,
    });
  });

  it('has no losses, and no WAV, where the record names none', () => {
    const nothing = { ...facts, losses: [], disproved: [], fragments: 0, standing: undefined };
    expect(earlierOf(record(facts), true)).toEqual(nothing);
    for (const less of [
      { audio: AUDIO },
      { media: MEDIA },
      { durationMs: 1 },
      { media: MEDIA, durationMs: 1 },
    ])
      expect(earlierOf(record({ ...facts, ...less }), true)?.standing).toBeUndefined();
    expect(earlierOf(record({ ...facts, audio: AUDIO, media: MEDIA }), true)?.standing).toBeUndefined();
    expect(earlierOf(record({ ...facts, audio: AUDIO, durationMs: 1 }), true)?.standing).toBeUndefined();
  });

  it('has no WAV where that is gone', () => {
    expect(earlierOf(record({ ...facts, ...wav }), false)).toMatchObject({
      fragments: 10,
      standing: undefined,
    });
  });
});
