/** The rules one by one: what disproves a loss, what settles or repeats it, and what tells of the end. */
import { describe, expect, it } from 'vitest';
import type { Loss } from '../../../recording/call-record.ts';
import { fullerStanding } from '../../../recording/losses/earlier.ts';
import type { Earlier } from '../../../recording/losses/evidence.ts';
import { judge } from '../../../recording/losses/judgement.ts';
import type { TapeObjectContent } from '../../../recording/tape/merge.ts';
import { RECORDING, STARTED_AT } from '../../support/call.ts';
import { range } from '../../support/recording-world.ts';
import { evidenceOf, from, LIST, loss, number, type Row } from './evidence.ts';

type Facts = Omit<Row, 'what' | 'expected' | 'noted'>;
const judged = (facts: Omit<Row, 'what' | 'expected'>) =>
  judge(evidenceOf({ what: '', expected: [], ...facts }), 0);

const ALL = range(0, 10);
const without = (...missing: number[]) => ALL.filter((one) => !missing.includes(one));
const NONE = { method: 'NONE', at: STARTED_AT } as const;
const LATER = new Date(Date.parse(LIST.at) + 1).toISOString();
const merged = (one: Loss): Loss => ({ ...one, why: 'this and 1 more like it: so' });

describe('a loss that was noted', () => {
  it.each<[string, Loss, Facts, boolean]>([
    ['cut, and restored', loss('FRAGMENT_CUT', 4), { restored: [4] }, true],
    ['cut, and listed', loss('FRAGMENT_CUT', 4), { listed: ALL }, false],
    ['cut, and whole on the tape', loss('FRAGMENT_CUT', 4), { untagged: [] }, true],
    ['cut, and another one whole', loss('FRAGMENT_CUT', 4), { untagged: [4, 5] }, false],
    ['several cut, one whole', merged(loss('FRAGMENT_CUT', 4, 6)), { untagged: [5] }, false],
    ['cut, another restored', loss('FRAGMENT_CUT', 4), { restored: [5] }, false],
    ['several cut, one restored', merged(loss('FRAGMENT_CUT', 4, 6)), { restored: [4] }, false],

    ['malformed, and on the tape', loss('FRAGMENT_MALFORMED', 4), {}, true],
    ['malformed, and in part on the tape', loss('FRAGMENT_MALFORMED', 9), { isTorn: true }, false],
    ['malformed, and another’s part is on the tape', loss('FRAGMENT_MALFORMED', 8), { isTorn: true }, true],
    [
      'malformed, and not on the tape',
      loss('FRAGMENT_MALFORMED', 4),
      { tape: without(4), counted: 9 },
      false,
    ],
    [
      'malformed, of unknown first number',
      { kind: 'FRAGMENT_MALFORMED', why: 'so', lastFragmentNumber: number(0).toString() },
      {},
      false,
    ],
    ['malformed, and another contact’s', loss('FRAGMENT_MALFORMED', 12), { ofOthers: [12] }, true],
    [
      'malformed, and another one is another contact’s',
      loss('FRAGMENT_MALFORMED', 12),
      { ofOthers: [11] },
      false,
    ],
    ['several malformed', merged(loss('FRAGMENT_MALFORMED', 4)), {}, false],
    ['several malformed, and listed', merged(loss('FRAGMENT_MALFORMED', 4, 6)), { listed: ALL }, true],
    ['malformed somewhere between two', loss('FRAGMENT_MALFORMED', 4, 6), {}, false],
    ['malformed somewhere between two, and listed', loss('FRAGMENT_MALFORMED', 4, 6), { listed: ALL }, true],
    ['malformed somewhere, listed too early', loss('FRAGMENT_MALFORMED'), { listed: ALL }, false],
    [
      'malformed somewhere, listed to the end',
      loss('FRAGMENT_MALFORMED'),
      { listed: ALL, listedToEnd: true },
      true,
    ],
    ['malformed somewhere, and not listed', loss('FRAGMENT_MALFORMED'), { listedToEnd: true }, false],

    [
      'cut at the limit, listed to the end',
      loss('CUT_AT_LIMIT'),
      { ended: 'LONGEST_CALL', listed: ALL, listedToEnd: true },
      true,
    ],
    [
      'cut at the limit, listed too early',
      loss('CUT_AT_LIMIT'),
      { ended: 'LONGEST_CALL', listed: ALL },
      false,
    ],
    [
      'cut at the limit, and more is listed',
      loss('CUT_AT_LIMIT'),
      { ended: 'LONGEST_CALL', listed: range(0, 12), listedToEnd: true },
      false,
    ],
    [
      'stopped before anything was stored, and all that is listed is there by now',
      loss('RECORDER_STOPPED'),
      { isUnread: true, counted: 0, restored: ALL, listed: ALL, listedToEnd: true },
      true,
    ],
    [
      'cut at the limit, and what is missing lies before it',
      loss('CUT_AT_LIMIT'),
      { tape: range(1, 10), counted: 9, ended: 'LONGEST_CALL', listed: ALL, listedToEnd: true },
      true,
    ],

    ['start missing, listed to the end', from('START_MISSING', 0), { listed: ALL, listedToEnd: true }, true],
    ['start missing, listed too early', from('START_MISSING', 0), { listed: ALL }, false],
    ['start missing up to somewhere, and listed', loss('START_MISSING', 0, 3), { listed: ALL }, true],
    ['start missing up to somewhere, not listed', loss('START_MISSING', 0, 3), {}, false],
    [
      'start missing, and not on the tape',
      loss('START_MISSING', 0, 3),
      { tape: range(1, 10), counted: 9, listed: [-1, ...range(1, 10)] },
      false,
    ],
    [
      'start missing, and the second isn’t there',
      loss('START_MISSING', 0, 3),
      { tape: without(1), counted: 9, listed: ALL },
      false,
    ],

    [
      'missing, and something behind it is there',
      loss('FRAGMENTS_MISSING', 10, 14),
      { tape: [...ALL, 15], listed: [...ALL, 15] },
      true,
    ],
    [
      'missing, and its last one is there',
      loss('FRAGMENTS_MISSING', 10, 14),
      { tape: [...ALL, 14], listed: [...ALL, 14] },
      true,
    ],
    [
      'missing, and something behind it is listed',
      loss('FRAGMENTS_MISSING', 10, 14),
      { listed: [...ALL, 16] },
      true,
    ],
    [
      'missing, and the list ends before it',
      loss('FRAGMENTS_MISSING', 10, 14),
      { listed: ALL, listedToEnd: true },
      false,
    ],
    [
      'missing, and the list ends before it, though the tape goes on',
      loss('FRAGMENTS_MISSING', 10, 14),
      { tape: [...ALL, 15], listed: ALL },
      false,
    ],
    ['missing, and there in part', loss('FRAGMENTS_MISSING', 4, 6), { untagged: [6], listed: ALL }, false],
    [
      'missing, and another one there in part',
      loss('FRAGMENTS_MISSING', 4, 6),
      { untagged: [3, 7], listed: ALL },
      true,
    ],
    ['missing, and nothing is listed', loss('FRAGMENTS_MISSING', 10, 14), { tape: [...ALL, 15] }, false],
    [
      'missing up to the next recording',
      loss('FRAGMENTS_MISSING', 10, 14),
      { listed: ALL, listedToEnd: true, nextStart: 15 },
      true,
    ],
    [
      'missing, but not up to the next recording',
      loss('FRAGMENTS_MISSING', 10, 13),
      { listed: ALL, listedToEnd: true, nextStart: 15 },
      false,
    ],

    ['unusable, and listed', loss('FRAGMENT_UNUSABLE', 4), { listed: ALL }, true],
    ['unusable, and not listed', loss('FRAGMENT_UNUSABLE', 4), {}, false],

    ['position lost, listed to the end', from('POSITION_LOST', 10), { listed: ALL, listedToEnd: true }, true],
    ['position lost, listed too early', from('POSITION_LOST', 10), { listed: ALL }, false],
    ['position lost, not listed', from('POSITION_LOST', 10), { listedToEnd: true }, false],
    [
      'position lost, and the list ends before that',
      loss('POSITION_LOST', 4, 6),
      { listed: range(0, 6) },
      false,
    ],
    [
      'position lost, and the list ends with what lies right behind that',
      loss('POSITION_LOST', 4, 12),
      { listed: ALL, listedUpTo: 13 },
      true,
    ],
    [
      'position lost, and the list ends with that',
      loss('POSITION_LOST', 4, 6),
      { listed: range(0, 7) },
      true,
    ],
    [
      'position lost, and all is listed, to the end',
      loss('POSITION_LOST', 4, 12),
      { listed: ALL, listedToEnd: true },
      true,
    ],
    [
      'start missing, and the list ends before that',
      loss('START_MISSING', 0, 3),
      { listed: range(0, 3) },
      false,
    ],
    [
      'malformed, and the list ends before that',
      loss('FRAGMENT_MALFORMED', 4, 6),
      { listed: range(0, 6) },
      false,
    ],
    ['damaged, and the list ends before that', loss('TAPE_DAMAGED', 3, 5), { listed: range(0, 5) }, false],
    ['damaged from somewhere on, listed too early', from('TAPE_DAMAGED', 3), { listed: range(0, 9) }, false],
    ['position lost, and there in part', loss('POSITION_LOST', 4, 6), { untagged: [4], listed: ALL }, false],
    ['position lost up to somewhere, and listed', loss('POSITION_LOST', 4, 6), { listed: ALL }, true],

    [
      'damaged, and something else is missing',
      loss('TAPE_DAMAGED', 3, 5),
      { tape: without(2, 6), counted: 8, listed: ALL },
      true,
    ],
    [
      'damaged, and its first is missing',
      loss('TAPE_DAMAGED', 3, 5),
      { tape: without(3), counted: 9, listed: ALL },
      false,
    ],
    [
      'damaged, and its last is missing',
      loss('TAPE_DAMAGED', 3, 5),
      { tape: without(5), counted: 9, listed: ALL },
      false,
    ],
    ['damaged, and listed from its first on', loss('TAPE_DAMAGED', 3, 5), { listed: range(3, 10) }, true],
    ['damaged, and untagged', loss('TAPE_DAMAGED', 3, 5), { untagged: [4], listed: ALL }, true],
    ['unusable, and untagged', loss('FRAGMENT_UNUSABLE', 4), { untagged: [4], listed: ALL }, true],
    ['damaged from somewhere on', from('TAPE_DAMAGED', 3), { listed: ALL }, true],
    [
      'damaged from somewhere on, and the last is missing',
      from('TAPE_DAMAGED', 3),
      { tape: without(9), counted: 9, position: 9, listed: ALL },
      false,
    ],
  ])('%s: is disproved %#', (_, noted, facts, isDisproved) => {
    const { losses, disproved } = judged({ noted: [noted], ...facts });
    expect(losses).toEqual(isDisproved ? [] : [noted]);
    expect(disproved).toEqual(isDisproved ? [noted] : []);
  });

  it('and is told anew by the list isn’t told as disproved', () => {
    const noted = [loss('FRAGMENTS_MISSING', 10, 11)];
    const facts = { listed: range(0, 12), gone: [10, 11], earlier: { endedAt: STARTED_AT } };
    expect(judged({ noted, ...facts })).toMatchObject({
      losses: [{ why: '2 fragments that the stream lists could not be had from it' }],
      disproved: [],
    });
  });

  it('is another one where anything but its words differs', () => {
    const one = loss('FRAGMENT_CUT', 4, 9);
    const noted = [
      one,
      { ...one, why: 'in other words' },
      loss('FRAGMENT_CUT', 5, 9),
      loss('FRAGMENT_CUT', 4, 8),
      loss('FRAGMENT_UNUSABLE', 4, 9),
      { ...one, startMs: 1 },
    ];
    expect(judged({ noted }).losses).toEqual(noted.filter((_, index) => index !== 1));
  });

  const AMID = [...range(0, 10), 13];

  it.each<[string, Facts, boolean]>([
    ['behind another contact’s', { foreign: 10 }, false],
    ['that fragment itself', { foreign: 11 }, false],
    ['before another contact’s', { foreign: 12 }, true],
    ['behind another contact’s, where nobody saw the end', { foreign: 10, ended: 'IDLE' }, true],
    ['behind another contact’s, and before one of ours', { foreign: 10, tape: AMID, restored: [13] }, true],
    ['behind the recording’s end', { nextStart: 11 }, false],
  ])('is the recording’s, or not: %s', (_, facts, isOurs) => {
    const noted = [loss('FRAGMENT_CUT', 11)];
    expect(judged({ noted, ...facts }).losses).toEqual(isOurs ? noted : []);
  });
});

describe('a last fragment that Connect names', () => {
  const NAMED = { kind: 'FRAGMENTS_MISSING', lastFragmentNumber: number(12).toString() };

  it.each<[string, Facts & Pick<Row, 'noted'>, boolean]>([
    ['the recorder stopped', { ended: 'RECORDER_GAVE_UP' }, true],
    ['some were removed', { counted: 12 }, false],
    ['an open end before it', { noted: [from('POSITION_LOST', 10)] }, true],
    ['an open end at it', { noted: [from('POSITION_LOST', 12)] }, true],
    ['an open end behind it', { noted: [from('POSITION_LOST', 13)] }, false],
    ['a span up to it', { noted: [loss('FRAGMENT_UNUSABLE', 11, 12)] }, true],
    ['a span that ends before it', { noted: [loss('FRAGMENT_UNUSABLE', 10, 11)] }, false],
  ])('is told already, or not: %s', (_, facts, isTold) => {
    const { losses } = judged({ named: 12, ...facts });
    expect(losses).toHaveLength(isTold ? 1 : 2);
    if (!isTold) expect(losses.at(-1)).toMatchObject(NAMED);
  });

  it('may be the first of all', () => {
    const { losses } = judged({ tape: [], counted: 0, isUnread: true, named: 0 });
    expect(losses).toMatchObject([loss('FRAGMENTS_MISSING', 0)].map(({ why: _, ...rest }) => rest));
  });
});

describe('a position', () => {
  it('is not lost where nothing has been stored, or the recorder gave up', () => {
    expect(judged({ tape: [], counted: 0, isUnread: true }).verdict.status).toBe('EMPTY');
    expect(judged({ ended: 'RECORDER_GAVE_UP', position: 6, counted: 7 }).losses).toMatchObject([
      { kind: 'RECORDER_STOPPED' },
    ]);
  });

  it('is lost from the start where a task has stored and none remembers', () => {
    expect(judged({ isUnread: true }).losses).toMatchObject([
      { kind: 'POSITION_LOST', firstFragmentNumber: number(0).toString() },
    ]);
  });

  it('is told with the last that is gone', () => {
    expect(judged({ listed: range(0, 13), gone: [10, 11, 12] }).losses).toMatchObject([
      { firstFragmentNumber: number(10).toString(), lastFragmentNumber: number(12).toString() },
    ]);
  });
});

describe('what an earlier assembly knew', () => {
  const CUT = loss('FRAGMENT_CUT', 4);
  const LOST = from('POSITION_LOST', 10);
  const STOPPED = loss('RECORDER_STOPPED');
  const MISSING = loss('FRAGMENTS_MISSING', 10, 14);

  it.each<[string, Omit<Row, 'what' | 'expected'>, readonly Loss[]]>([
    ['disproved', { noted: [CUT], earlier: { disproved: [CUT] } }, []],
    ['disproved in other words', { noted: [CUT], earlier: { disproved: [{ ...CUT, why: 'else' }] } }, [CUT]],
    [
      'disproved another one in the same words',
      { noted: [CUT], earlier: { disproved: [loss('FRAGMENT_CUT', 5)] } },
      [CUT],
    ],
    [
      'said what it disproved, and not this',
      { noted: [CUT], earlier: { endedAt: STARTED_AT, disproved: [loss('TAPE_DAMAGED', 5)] } },
      [CUT],
    ],
    [
      'had it, and it is noted again',
      {
        noted: [loss('FRAGMENT_UNUSABLE', 4)],
        earlier: { endedAt: STARTED_AT, losses: [loss('FRAGMENT_UNUSABLE', 4)] },
      },
      [loss('FRAGMENT_UNUSABLE', 4)],
    ],
    [
      'a recorder that stopped, whose list may be too short',
      { noted: [LOST], earlier: { endReason: 'IDLE', losses: [STOPPED, CUT] } },
      [LOST, CUT],
    ],
    ['a list to the end', { noted: [LOST], earlier: { endReason: 'IDLE', losses: [CUT] } }, [CUT]],
    ['the end, without a list', { noted: [LOST], earlier: { verification: NONE } }, []],
    ['no end, and no list', { noted: [LOST], earlier: { verification: NONE, endReason: 'IDLE' } }, [LOST]],
    ['nothing of the end', { noted: [LOST], earlier: { verification: NONE, endReason: undefined } }, [LOST]],
    [
      'unusable ones, of which the last isn’t there',
      { earlier: { losses: [loss('FRAGMENT_UNUSABLE', 4, 12)] } },
      [loss('FRAGMENT_UNUSABLE', 4, 12)],
    ],
    [
      'removed ones, and what was counted is gone',
      { counted: 0, earlier: { losses: [loss('TAPE_DAMAGED')] } },
      [loss('TAPE_DAMAGED')],
    ],
    [
      'removed ones, and none of the tape’s may be read now',
      { isRefused: true, earlier: { verification: NONE, losses: [loss('TAPE_DAMAGED')] } },
      [loss('TAPE_DAMAGED')],
    ],
    [
      'missing ones, of which the first is there',
      { tape: range(0, 11), earlier: { losses: [MISSING], fragments: 11 } },
      [MISSING],
    ],
    [
      'a missing one, which isn’t there',
      { earlier: { losses: [loss('FRAGMENTS_MISSING', 10)] } },
      [loss('FRAGMENTS_MISSING', 10)],
    ],
    [
      'missing ones, listed from behind the first on',
      { listed: range(11, 16), earlier: { losses: [MISSING] } },
      [MISSING],
    ],
    [
      'a call that was cut, and went on',
      { hadEnded: true, earlier: { losses: [loss('CUT_AT_LIMIT')] } },
      [loss('CUT_AT_LIMIT')],
    ],
    [
      'a call that was cut, whose end nobody has seen',
      { ended: 'IDLE', earlier: { losses: [loss('CUT_AT_LIMIT')] } },
      [loss('CUT_AT_LIMIT')],
    ],
  ])('%s', (_, row, expected) => {
    expect(judged(row).losses).toEqual(expected);
  });

  it('missing is told anew where the list of now speaks of all of it', () => {
    for (const listed of [
      [...ALL, 10, 14],
      [10, 14],
    ])
      expect(
        judged({ listed, gone: [10, 14], earlier: { losses: [MISSING] } }).losses.map(({ why }) => why),
      ).toEqual(['2 fragments that the stream lists could not be had from it']);
  });

  it('missing from somewhere on is disproved, not forgotten', () => {
    const open = from('FRAGMENTS_MISSING', 10);
    const facts = { tape: range(0, 12), listed: range(0, 12), earlier: { losses: [open], fragments: 10 } };
    expect(judged(facts)).toMatchObject({ losses: [], disproved: [open] });
  });

  it('disproved stays so, and what is disproved now is added', () => {
    const before = [loss('TAPE_DAMAGED', 1)];
    expect(judged({ noted: [CUT], restored: [4], earlier: { disproved: before } }).disproved).toEqual([
      ...before,
      CUT,
    ]);
  });

  it('lost stands where less can be checked now, and isn’t told as disproved', () => {
    const earlier = { losses: [STOPPED], fragments: 10, verification: { ...LIST, fragmentsListed: 12 } };
    const fallen = judged({ tape: range(0, 11), earlier });
    expect(fallen).toMatchObject({ losses: [STOPPED], disproved: [] });
    expect(judged({ tape: range(0, 11), noted: [CUT], earlier: { ...earlier, losses: [] } }).losses).toEqual([
      CUT,
    ]);
    const whole = judged({ tape: range(0, 11), untagged: [], earlier: { ...earlier, losses: [CUT] } });
    expect(whole).toMatchObject({ losses: [CUT], disproved: [] });
  });
});

describe('an earlier WAV', () => {
  const gapMs = (customer: number, agent: number) => ({
    AUDIO_FROM_CUSTOMER: customer,
    AUDIO_TO_CUSTOMER: agent,
  });
  const facts = { gapCount: 0, gaps: [], reanchored: 0, reopenings: 0, resumes: 0, maxBehindMs: 0 };
  const audio = { bucket: 'b', key: 'k', bytes: 44, sha256: '', sampleRate: 8_000, channels: 2 } as const;
  const stays = (
    row: Facts,
    now: { frames: number; customer: number; agent: number },
    fragments = 10,
    add?: TapeObjectContent,
  ) => {
    const standing = {
      audio: { ...audio, frames: 100 },
      durationMs: 12,
      media: { ...facts, fragments, gapMs: gapMs(6, 4) },
    };
    const evidence = evidenceOf({ what: '', expected: [], ...row, earlier: { fragments, standing } });
    if (add !== undefined) Array.from(evidence.merge.add(add));
    const timeline = { ...evidence.timeline, frames: now.frames, gapMs: gapMs(now.customer, now.agent) };
    return fullerStanding({ ...evidence, timeline }) !== undefined;
  };

  it.each([
    ['as long, with gaps as long', { frames: 100, customer: 4, agent: 6 }, false],
    ['shorter', { frames: 99, customer: 4, agent: 6 }, true],
    ['as long, with more gaps of the customer', { frames: 100, customer: 7, agent: 4 }, true],
    ['as long, with more gaps of the agent', { frames: 100, customer: 6, agent: 5 }, true],
    ['as long, with less gaps', { frames: 100, customer: 0, agent: 9 }, false],
  ])('of as many fragments, some of which were removed since, stays or goes: %s', (_, now, expected) => {
    expect(stays({ counted: 12 }, now)).toBe(expected);
    expect(stays({ counted: 10 }, now)).toBe(false);
  });

  it('of as many fragments stays where it is longer, and an object of the tape can’t be read', () => {
    const shorter = { frames: 99, customer: 6, agent: 4 };
    const unreadable = { first: number(12), last: number(13), uuid: '', content: { unreadable: 'so' } };
    expect([stays({}, shorter, 10, unreadable), stays({}, shorter)]).toEqual([true, false]);
  });

  it.each<[string, Partial<Earlier>, string | undefined, boolean]>([
    ['before it was known', { endReason: 'RECORDER_GAVE_UP' }, LATER, false],
    ['when it was known', { endReason: 'RECORDER_GAVE_UP' }, LIST.at, true],
    ['with none behind it', { endReason: 'RECORDER_GAVE_UP' }, undefined, true],
    ['and the recorder saw the end', { endReason: 'NEXT_RECORDING' }, LATER, true],
    ['and nobody knows how it ended', { endReason: undefined }, LATER, false],
  ])(
    'of more than its tape has, made before a next recording that is erased: %s',
    (_, earlier, at, expected) => {
      const standing = {
        audio: { ...audio, frames: 100 },
        durationMs: 12,
        media: { ...facts, fragments: 12, gapMs: gapMs(6, 4) },
      };
      const evidence = evidenceOf({ what: '', expected: [], counted: 12, earlier: { ...earlier, standing } });
      const contact = { contactId: RECORDING.contactId, ...(at !== undefined && { nextKnownFrom: at }) };
      expect(fullerStanding({ ...evidence, contact }) !== undefined).toBe(expected);
    },
  );

  it.each<[string, Facts, number, boolean]>([
    ['stored by nobody who counted', { nextStart: 6, counted: 0 }, 10, true],
    ['more than were ever stored', { counted: 10 }, 12, true],
    ['less', { counted: 12 }, 9, false],
  ])('of fragments that are %s stays or goes', (_, row, fragments, expected) => {
    expect(stays(row, { frames: 1, customer: 9, agent: 9 }, fragments)).toBe(expected);
  });
});
