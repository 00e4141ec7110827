/** The table of rules: what an assembly noted, what an earlier one found, what the stream lists; and what then stands. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../../recording/losses/judgement.ts';
import { STARTED_AT } from '../../support/call.ts';
import { range } from '../../support/recording-world.ts';
import { evidenceOf, from, LIST, loss, number, type Row } from './evidence.ts';

const MISSING = loss('FRAGMENTS_MISSING', 10, 14);
const STOPPED = loss('RECORDER_STOPPED');

/** The recorder saw 10 behind 0 to 9, and not whose it is; the archive has brought 12. */
const AMID_OURS = {
  tape: [...range(0, 10), 12],
  counted: 10,
  position: 9,
  restored: [12],
  foreign: 10,
  isUntold: true,
} satisfies Partial<Row>;

const ROWS: readonly Row[] = [
  { what: 'nothing noted, nothing listed', expected: [] },
  { what: 'noted, and nothing listed', noted: [MISSING], expected: [MISSING] },
  {
    what: 'noted, and everything listed is there',
    noted: [loss('TAPE_DAMAGED', 3, 4)],
    listed: range(0, 10),
    expected: [],
  },
  {
    what: 'listed from behind it on only',
    noted: [loss('TAPE_DAMAGED', 3, 4)],
    listed: range(5, 10),
    expected: [{ kind: 'TAPE_DAMAGED' }],
  },
  {
    what: 'listed, and not to be had',
    listed: range(0, 12),
    gone: [10, 11],
    expected: [loss('FRAGMENTS_MISSING', 10, 11)].map(({ kind, firstFragmentNumber }) => ({
      kind,
      firstFragmentNumber: firstFragmentNumber ?? '',
    })),
  },
  { what: 'removed from the tape', counted: 12, expected: [{ kind: 'TAPE_DAMAGED' }] },
  { what: 'removed, and all that is listed is there', counted: 12, listed: range(0, 10), expected: [] },
  { what: 'on the tape behind the position', position: 6, counted: 7, expected: [{ kind: 'POSITION_LOST' }] },
  { what: 'a later fragment is named as the last', named: 12, expected: [{ kind: 'FRAGMENTS_MISSING' }] },
  {
    what: 'gave up, listed too early',
    ended: 'RECORDER_GAVE_UP',
    listed: range(0, 10),
    expected: [{ kind: 'RECORDER_STOPPED' }],
  },
  {
    what: 'gave up, listed to the end',
    ended: 'RECORDER_GAVE_UP',
    listed: range(0, 10),
    listedToEnd: true,
    expected: [],
  },
  {
    what: 'noted of what follows the recording',
    noted: [loss('FRAGMENT_MALFORMED', 11)],
    nextStart: 10,
    expected: [],
  },
  // What followed the recorder's last fragment, and the archive's one behind that.
  {
    what: 'one that didn’t say whose it is lies between two of ours, and is gone',
    ...AMID_OURS,
    listed: [12],
    expected: [loss('FRAGMENTS_MISSING', 10, 11)].map(({ why, ...rest }) => rest),
  },
  {
    what: 'one that didn’t say whose it is lies between two of ours, whatever is listed',
    ...AMID_OURS,
    listed: [...range(0, 10), 12],
    expected: [loss('FRAGMENTS_MISSING', 10, 11)].map(({ why, ...rest }) => rest),
  },
  {
    what: 'one that didn’t say whose it is lies between two of ours, and is another’s in the archive',
    ...AMID_OURS,
    ofOthers: [10],
    listed: [12],
    expected: [],
  },
  {
    what: 'one that didn’t say whose it is lies between two of ours, and is listed, but not to be had',
    ...AMID_OURS,
    listed: range(0, 13),
    gone: [10],
    expected: [loss('FRAGMENTS_MISSING', 10, 10)].map(({ why, ...rest }) => rest),
  },
  {
    what: 'one that didn’t say whose it is has been brought by the archive, too',
    ...AMID_OURS,
    tape: [...range(0, 11), 12],
    restored: [10, 12],
    listed: [12],
    expected: [],
  },
  {
    what: 'one that didn’t say whose it is, with nothing of ours behind it',
    foreign: 10,
    isUntold: true,
    expected: [],
  },
  {
    what: 'another contact’s between two of ours',
    ...AMID_OURS,
    isUntold: false,
    listed: [12],
    expected: [],
  },
  // What an earlier assembly found.
  { what: 'found before, and nothing listed now', earlier: { losses: [MISSING] }, expected: [MISSING] },
  {
    what: 'found before, and listed now, and there',
    tape: range(0, 15),
    listed: range(0, 15),
    earlier: { losses: [MISSING] },
    expected: [],
  },
  {
    what: 'found before, and the list ends before it',
    listed: range(0, 10),
    earlier: { losses: [MISSING] },
    expected: [MISSING],
  },
  {
    what: 'cut at the limit before, and a task that went on has seen the end',
    earlier: { losses: [loss('CUT_AT_LIMIT')], endReason: 'LONGEST_CALL' },
    expected: [],
  },
  {
    what: 'gave up before, and the stream had forgotten all when a task went on',
    noted: [from('START_MISSING', 0)],
    earlier: { losses: [STOPPED], endReason: 'RECORDER_GAVE_UP' },
    expected: [from('START_MISSING', 0)],
  },
  {
    what: 'a hole up to the next recording, filled by now, and listed to the end',
    noted: [loss('FRAGMENTS_MISSING', 8, 14)],
    nextStart: 15,
    listed: range(0, 10),
    listedToEnd: true,
    expected: [],
  },
  {
    what: 'the same, listed too early',
    noted: [loss('FRAGMENTS_MISSING', 8, 14)],
    nextStart: 15,
    listed: range(0, 10),
    expected: [{ kind: 'FRAGMENTS_MISSING' }],
  },
  {
    what: 'found before, and the list says how much of it now',
    tape: range(0, 13),
    listed: range(0, 15),
    gone: [13, 14],
    earlier: { losses: [MISSING] },
    expected: [{ firstFragmentNumber: number(13).toString() }],
  },
  {
    what: 'one that is on the tape by now',
    tape: range(0, 11),
    earlier: { losses: [loss('FRAGMENTS_MISSING', 10)], fragments: 10 },
    expected: [],
  },
  { what: 'damage that can be read by now', earlier: { losses: [loss('TAPE_DAMAGED', 3, 4)] }, expected: [] },
  {
    what: 'damage of which the tape holds nothing',
    tape: range(5, 10),
    earlier: { losses: [loss('TAPE_DAMAGED', 3, 4)] },
    expected: [{ kind: 'TAPE_DAMAGED' }],
  },
  { what: 'removed then, and all there now', earlier: { losses: [loss('TAPE_DAMAGED')] }, expected: [] },
  {
    what: 'unusable then, and placed now',
    earlier: { losses: [loss('FRAGMENT_UNUSABLE', 4)] },
    expected: [],
  },
  {
    what: 'unusable then, and gone now',
    tape: range(5, 10),
    earlier: { losses: [loss('FRAGMENT_UNUSABLE', 4)] },
    expected: [{ kind: 'FRAGMENT_UNUSABLE' }],
  },
  {
    what: 'stopped then, and a task has gone on since and seen the end',
    earlier: { losses: [STOPPED] },
    expected: [],
  },
  {
    what: 'stopped then, and again',
    ended: 'RECORDER_GAVE_UP',
    earlier: { losses: [STOPPED] },
    expected: [{ kind: 'RECORDER_STOPPED' }],
  },
  {
    what: 'position lost then',
    earlier: { losses: [from('POSITION_LOST', 10)] },
    expected: [{ kind: 'POSITION_LOST' }],
  },
  // What an earlier assembly disproved.
  {
    what: 'noted, and disproved before',
    noted: [from('START_MISSING', 0)],
    earlier: { disproved: [from('START_MISSING', 0)] },
    expected: [],
  },
  {
    what: 'noted since: the stream has forgotten what had been seen to its end',
    noted: [from('POSITION_LOST', 10)],
    earlier: {},
    expected: [],
  },
  {
    what: 'noted since, and more has come',
    tape: range(0, 12),
    noted: [from('POSITION_LOST', 12)],
    earlier: { fragments: 10 },
    expected: [{ kind: 'POSITION_LOST' }],
  },
  {
    what: 'malformed since',
    noted: [loss('FRAGMENT_MALFORMED', 10)],
    earlier: { endedAt: undefined },
    expected: [{ kind: 'FRAGMENT_MALFORMED' }],
  },
  {
    what: 'malformed, known to a version that didn’t say what it disproved',
    noted: [loss('FRAGMENT_MALFORMED', 10)],
    earlier: { endedAt: STARTED_AT },
    expected: [],
  },
];

describe('standing losses', () => {
  it.each(ROWS)('$what', (row) => {
    const { losses, verdict } = judge(evidenceOf(row), 0);
    expect(losses).toMatchObject(row.expected);
    expect(losses).toHaveLength(row.expected.length);
    expect(verdict.status).not.toBe(losses.length > 0 ? 'COMPLETE' : 'INCOMPLETE');
  });
});

describe('a WAV of an earlier assembly', () => {
  const audio = {
    bucket: 'b',
    key: 'k',
    bytes: 44,
    sha256: '',
    sampleRate: 8_000,
    channels: 2,
    frames: 80_000,
  } as const;
  const gapMs = { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 };
  const facts = { gapCount: 0, gapMs, gaps: [], reanchored: 0, reopenings: 0, resumes: 0, maxBehindMs: 0 };
  const made = (fragments: number) => ({
    fragments,
    standing: { audio, durationMs: 10_000, media: { ...facts, fragments } },
  });
  const stays = (row: Omit<Row, 'what' | 'expected'>) =>
    judge(evidenceOf({ what: '', expected: [], ...row }), 0).standing !== undefined;

  it.each([
    ['the tape holds as much', { earlier: made(10) }, false],
    ['the tape holds more', { earlier: made(9), counted: 12 }, false],
    ['the tape holds less', { earlier: made(12), counted: 12 }, true],
    ['the tape holds less, and the checkpoint has gone', { earlier: made(12), counted: 0 }, true],
    ['as much, but not the same, and it is shorter', { earlier: made(10), counted: 12 }, true],
    // The recorder had stored of the contact's next recording, too.
    ['some of what it was made of is the next recording’s', { earlier: made(10), nextStart: 6 }, false],
    [
      'of what it was made of only the next recording’s is there',
      { tape: [6, 7], earlier: made(2), counted: 8, nextStart: 6 },
      true,
    ],
    // A task that had been given up stored of the next recording when this one had ended.
    [
      'as many of the next recording’s have come as have gone of what it was made of',
      { tape: [2, 3, 4, 5, 6], position: 4, earlier: made(5), counted: 5, nextStart: 5 },
      true,
    ],
  ])('%s: stays %#', (_, row, expected) => {
    expect(stays(row)).toBe(expected);
  });
});

describe('a status and its verification', () => {
  it('never rises while the verification falls', () => {
    // Nothing says any more that 3 is missing but the earlier list; and one more has come.
    const earlier = { losses: [STOPPED], fragments: 10, verification: { ...LIST, fragmentsListed: 12 } };
    const judgement = judge(evidenceOf({ what: '', tape: range(0, 11), earlier, expected: [] }), 0);
    expect(judgement).toMatchObject({ losses: [STOPPED], verification: { method: 'NONE' } });
  });

  it('stays verified by an earlier list of the same fragments', () => {
    expect(judge(evidenceOf({ what: '', earlier: {}, expected: [] }), 0).verification).toEqual(LIST);
  });
});
