import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  contactIdOf,
  type Ownership,
  OwnershipJudge,
  type Predecessor,
  statedOwnerOf,
  UNDECIDED_MAX,
} from '../../recording/ownership.ts';
import { rangeFrom, type RecordingRange } from '../../recording/range.ts';
import { CONTACT_ID, RECORDING, START_FRAGMENT_NUMBER } from '../support/call.ts';
import { fragmentOf, type TestDocument } from '../support/documents.ts';

const RANGE = rangeFrom(RECORDING);
const later = START_FRAGMENT_NUMBER + 5n;

describe('statedOwnerOf', () => {
  const claim = (options: TestDocument, endBefore?: bigint) =>
    statedOwnerOf(fragmentOf({ number: later, ...options }), RECORDING, { ...RANGE, endBefore });

  it('goes by the ContactId tag', () => {
    expect(claim({ contactId: CONTACT_ID })).toBe('ours');
    expect(claim({ contactId: CONTACT_ID.toUpperCase() })).toBe('ours');
    expect(claim({ contactId: 'another' })).toBe('otherContact');
    expect(claim({ contactId: '' })).toBe('untagged');
  });

  it('takes the start fragment for ours even if untagged, and nothing below it', () => {
    expect(claim({ number: START_FRAGMENT_NUMBER, contactId: '' })).toBe('ours');
    expect(claim({ number: START_FRAGMENT_NUMBER - 1n })).toBe('before');
  });

  it('takes no fragment for ours that names another contact, be it the start fragment', () => {
    expect(claim({ number: START_FRAGMENT_NUMBER, contactId: 'another' })).toBe('otherContact');
  });

  it('ends with the recording’s range, whosever the fragments behind it are', () => {
    expect(claim({}, later)).toBe('behind');
    expect(claim({}, later + 1n)).toBe('ours');
    expect(claim({ contactId: 'another' }, later)).toBe('behind');
  });

  it('takes the fragment that Connect names as the session’s last for ours even if untagged', () => {
    const range = { ...RANGE, endBefore: later + 1n, endedBy: 'STREAMING_STOPPED' } as const;
    expect(statedOwnerOf(fragmentOf({ number: later, contactId: '' }), RECORDING, range)).toBe('ours');
    expect(statedOwnerOf(fragmentOf({ number: later, contactId: 'another' }), RECORDING, range)).toBe(
      'otherContact',
    );
    expect(statedOwnerOf(fragmentOf({ number: later - 1n, contactId: '' }), RECORDING, range)).toBe(
      'untagged',
    );
  });
});

/** `o`: ours, `f`: another's, `-`: untagged; and which SegmentUID it has. */
function come(text: string, at: number): TestDocument & { number: bigint } {
  const [tag, segmentUid = ''] = text;
  const contactId = { o: CONTACT_ID, f: 'another', '-': '' }[tag ?? ''];
  if (contactId === undefined) throw new Error(`no such fragment: ${text}`);
  return { number: START_FRAGMENT_NUMBER + BigInt(at + 1), contactId, segmentUid };
}

const LETTERS: Readonly<Record<Ownership, string>> = {
  ours: 'o',
  otherContact: 'f',
  unknown: '?',
  before: '<',
  behind: '>',
};

/** @returns a letter for each of them */
function judged(texts: string, previous?: Predecessor): string {
  const judge = new OwnershipJudge<Candidate>(RECORDING, previous);
  const all = texts.split(' ').map((text, at) => fragmentOf(come(text, at)));
  const results = [...all.flatMap((fragment) => judge.add({ fragment }, RANGE)), ...judge.finish(RANGE)];
  expect(results.map(({ candidate }) => candidate.fragment.number)).toEqual(all.map(({ number }) => number));
  return results.map(({ owner }) => LETTERS[owner]).join('');
}

describe('OwnershipJudge', () => {
  it.each<[string, string, string]>([
    ['as the one before it if the SegmentUID is the same', 'oa -a -a', 'ooo'],
    ['ours between two of ours, whatever its SegmentUID', 'oa -x oa', 'ooo'],
    ['ours between two of ours, though there be several', 'oa -x -y -x ob', 'ooooo'],
    ['ours in front of our first: the range begins with one of ours', '-x oa', 'oo'],
    ['not ours behind our last with another SegmentUID', 'oa -x -x', 'o??'],
    ['not ours between us and another contact', 'oa -x fb', 'o?f'],
    ['the other contact’s where it has its SegmentUID', 'oa -b fb -b', 'offf'],
    ['ours by our SegmentUID though another’s lies between', 'oa fb -a oa', 'ofoo'],
    ['not ours behind another’s, with a SegmentUID of its own', 'oa fb -x oa', 'of?o'],
    ['ours behind another’s, with the SegmentUID of ours that follow', 'oa fb -c oc', 'ofoo'],
    ['the other contact’s behind another’s, by its SegmentUID, amid ours', 'oa fb -b oa', 'offo'],
    ['ours where the segment goes on behind it', 'oa -x -a', 'ooo'],
  ])('takes an untagged fragment to be %s', (_, texts, owners) => {
    expect(judged(texts)).toBe(owners);
  });

  it('is told nothing by two that have no SegmentUID', () => {
    const owners = (...tags: string[]) => {
      const judge = new OwnershipJudge<Candidate>(RECORDING);
      const all = tags.map((tag, at) => ({ ...fragmentOf(come(tag, at)), segmentUid: undefined }));
      const results = [...all.flatMap((fragment) => judge.add({ fragment }, RANGE)), ...judge.finish(RANGE)];
      return results.map(({ owner }) => LETTERS[owner]).join('');
    };
    expect([owners('o', '-'), owners('f', '-')]).toEqual(['o?', 'f?']);
    expect([owners('o', '-', 'f'), owners('o', 'f', '-', 'o')]).toEqual(['o?f', 'of?o']);
    expect(new OwnershipJudge<Candidate>(RECORDING).isAfterOurs).toBe(false);
  });

  it('goes on with the SegmentUID of the fragment before a resumption', () => {
    const previous = fragmentOf(come('oa', 0));
    expect(judged('-a -x', previous)).toBe('o?');
    expect(judged('-x -x oa', { segmentUid: undefined })).toBe('ooo');
  });

  it('hands nothing on before it is judged, nor what follows it', () => {
    const judge = new OwnershipJudge<Candidate>(RECORDING);
    const add = (text: string, at: number) => judge.add({ fragment: fragmentOf(come(text, at)) }, RANGE);
    expect([add('oa', 0).length, judge.isAfterOurs]).toEqual([1, true]);
    expect([add('-x', 1).length, judge.undecided, judge.isAfterOurs]).toEqual([0, 1, false]);
    expect([add('oa', 2).length, judge.undecided]).toEqual([2, 0]);
  });

  it('ends those that wait where the range ends', () => {
    const judge = new OwnershipJudge<Candidate>(RECORDING);
    const range = { ...RANGE, endBefore: come('oa', 2).number, endedBy: 'NEXT_RECORDING' } as const;
    const owners = ['oa', '-x', 'ob'].flatMap((text, at) =>
      judge.add({ fragment: fragmentOf(come(text, at)) }, range).map(({ owner }) => owner),
    );
    expect(owners).toEqual(['ours', 'unknown', 'behind']);
  });

  it('holds only so many, and tells of the others once it shows that they were ours', () => {
    const judge = new OwnershipJudge<Candidate>(RECORDING);
    const add = (text: string, at: number) => judge.add({ fragment: fragmentOf(come(text, at)) }, RANGE);
    add('oa', 0);
    const first = Array.from({ length: UNDECIDED_MAX + 2 }, (_, at) => add('-x', at + 1)).flat();
    expect(first.map(({ owner }) => owner)).toEqual(['unknown', 'unknown']);
    expect([judge.undecided, judge.takeLeftOut()]).toEqual([UNDECIDED_MAX, undefined]);
    const rest = add('oa', UNDECIDED_MAX + 3);
    expect(rest.map(({ owner }) => owner)).toEqual(Array(UNDECIDED_MAX + 1).fill('ours'));
    expect(judge.takeLeftOut()).toEqual({ first: come('-x', 1).number, last: come('-x', 2).number });
    expect(judge.takeLeftOut()).toBeUndefined();
  });

  it('tells of what it took for nobody’s behind another contact’s, once its Segment shows that it was ours', () => {
    const origin = come('fz', 0).number;
    const leftOut = (...texts: readonly string[]) => {
      const judge = new OwnershipJudge<Candidate>(RECORDING);
      return texts.map((text, at) => {
        judge.add({ fragment: fragmentOf(come(text, at)) }, RANGE);
        const { first, last } = judge.takeLeftOut() ?? {};
        return first === undefined ? '' : `${first - origin}…${(last ?? 0n) - origin}`;
      });
    };
    expect(leftOut('fz', '-a', 'fb', 'oa', 'oa')).toEqual(['', '', '', '1…1', '']);
    expect(leftOut('fz', '-a', '-a', 'fb', 'oa')).toEqual(['', '', '', '', '1…2']);
    expect(leftOut('fz', '-a', 'fb', 'oc', 'oa')).toEqual(['', '', '', '', '']);
    expect(leftOut('fz', '-b', 'fb', 'ob')).toEqual(['', '', '', '']);
  });

  it('takes those that wait for ours where it is known up to which fragment the session was', () => {
    const range = { ...RANGE, endBefore: come('oa', 3).number, endedBy: 'STREAMING_STOPPED' } as const;
    const owners = (texts: string, ours: RecordingRange) => {
      const judge = new OwnershipJudge<Candidate>(RECORDING);
      const all = texts.split(' ').map((text, at) => fragmentOf(come(text, at)));
      const results = [...all.flatMap((fragment) => judge.add({ fragment }, RANGE)), ...judge.finish(ours)];
      return results.map(({ owner }) => LETTERS[owner]).join('');
    };
    expect(owners('oa -x -y', range)).toBe('ooo');
    expect(owners('-x -y', range)).toBe('oo');
    expect(owners('oa -x -y -z', range)).toBe('ooo?');
    expect(owners('fa -x -y', range)).toBe('f??');
    expect(owners('oa -x -y', { ...range, endedBy: 'NEXT_RECORDING' })).toBe('o??');
    expect(owners('oa -x -y', { ...range, endBefore: undefined })).toBe('o??');
  });

  it('judges by a fragment of ours that went by without it', () => {
    const judge = new OwnershipJudge<Candidate>(RECORDING);
    const uid = (text: string) => fragmentOf(come(text, 0)).segmentUid;
    const owners = (results: readonly { owner: Ownership }[]) =>
      results.map(({ owner }) => LETTERS[owner]).join('');
    const add = (text: string, at: number) =>
      owners(judge.add({ fragment: fragmentOf(come(text, at)) }, RANGE));
    expect([add('-x', 0), owners(judge.passOurs(uid('-a')))]).toEqual(['', 'o']);
    expect([add('-a', 2), judge.isAfterOurs]).toEqual(['o', true]);
    expect([add('fb', 3), add('-c', 4), add('-d', 5)]).toEqual(['f', '', '']);
    expect(owners(judge.passOurs(uid('-c')))).toBe('o?');
    expect([add('-b', 7), add('-c', 8)]).toEqual(['', 'oo']);
  });

  it('learns the SegmentUID of a fragment of ours that went by without one', () => {
    const judge = new OwnershipJudge<Candidate>(RECORDING, { segmentUid: undefined });
    const hex = fragmentOf(come('-a', 0)).segmentUid;
    judge.learnUid(hex);
    judge.learnUid('another');
    expect(judge.isAfterOurs).toBe(true);
    const add = (text: string, at: number) =>
      judge.add({ fragment: fragmentOf(come(text, at)) }, RANGE).map(({ owner }) => owner);
    expect(add('-a', 1)).toEqual(['ours']);
    expect(add('fb', 2)).toEqual(['otherContact']);
    judge.learnUid(hex);
    expect(judge.isAfterOurs).toBe(false);
    expect(add('-b', 3)).toEqual(['otherContact']);
    expect(add('-a', 4)).toEqual(['ours']);
  });

  it('hands on at once what is outside the range, and lets what waits wait', () => {
    const judge = new OwnershipJudge<Candidate>(RECORDING);
    judge.add({ fragment: fragmentOf(come('-x', 0)) }, RANGE);
    const early = fragmentOf({ number: START_FRAGMENT_NUMBER - 1n });
    expect(judge.add({ fragment: early }, RANGE)).toEqual([
      { candidate: { fragment: early }, owner: 'before' },
    ]);
    expect(judge.undecided).toBe(1);
  });

  it('holds only so many bytes', () => {
    const judge = new OwnershipJudge<Candidate>(RECORDING);
    const mebibyte = new Uint8Array(1024 * 1024);
    const add = (text: string, at: number) =>
      judge.add({ fragment: { ...fragmentOf(come(text, at)), pieces: [mebibyte] } }, RANGE);
    add('oa', 0);
    for (let at = 1; at <= 8; at += 1) expect(add('-x', at)).toEqual([]);
    expect(add('-x', 9).map(({ owner }) => owner)).toEqual(['unknown']);
    expect(add('-x', 10)).toHaveLength(1);
    expect(judge.undecided).toBe(8);
    expect(add('oa', 11)).toHaveLength(9);
    expect(judge.takeLeftOut()).toEqual({ first: come('-x', 1).number, last: come('-x', 2).number });
    // What has been judged takes no room any more.
    for (let at = 12; at < 20; at += 1) expect(add('-x', at)).toEqual([]);
  });

  it('tells nothing of what was passed over before another contact’s', () => {
    const judge = new OwnershipJudge<Candidate>(RECORDING);
    const add = (text: string, at: number) => judge.add({ fragment: fragmentOf(come(text, at)) }, RANGE);
    add('oa', 0);
    for (let at = 1; at <= UNDECIDED_MAX + 1; at += 1) add('-x', at);
    add('fb', UNDECIDED_MAX + 2);
    expect(judge.takeLeftOut()).toBeUndefined();
    add('oa', UNDECIDED_MAX + 3);
    expect(judge.takeLeftOut()).toBeUndefined();
  });
});

describe('contactIdOf', () => {
  it.each([
    [CONTACT_ID, CONTACT_ID],
    ['', undefined],
    [undefined, undefined],
  ])('of a tag that says %j is %j', (tag, expected) => {
    expect(contactIdOf({ tags: new Map(tag === undefined ? [] : [['ContactId', tag]]) })).toBe(expected);
  });
});
