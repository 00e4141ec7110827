/** What a recorder says of what it knows to be lost: the spans by which an assembly finds them. */
import { describe, expect, it } from 'vitest';
import { cutLoss, leftOutLoss, malformedLoss, positionLoss } from '../../task/known-losses.ts';
import { RECORDING, START_FRAGMENT_NUMBER as START } from '../support/call.ts';

const [LAST, BAD] = [START + 7n, START + 9n];

describe('a fragment that is malformed', () => {
  it('is lost alone where its number could be read', () => {
    expect(malformedLoss('bad', BAD, LAST)).toEqual({
      kind: 'FRAGMENT_MALFORMED',
      why: 'bad',
      firstFragmentNumber: BAD.toString(),
      lastFragmentNumber: BAD.toString(),
    });
  });

  it('lies somewhere behind the last that was read where it could not', () => {
    expect(malformedLoss('bad', undefined, LAST)).toEqual({
      kind: 'FRAGMENT_MALFORMED',
      why: 'bad',
      firstFragmentNumber: (LAST + 1n).toString(),
    });
  });

  it('lies anywhere where none was read before it', () => {
    expect(malformedLoss('bad', undefined, undefined)).toEqual({ kind: 'FRAGMENT_MALFORMED', why: 'bad' });
  });
});

it('says which fragments were left out while it didn’t show whose they are, and why', () => {
  const loss = leftOutLoss({ first: START + 1n, last: LAST });
  expect(loss).toMatchObject({
    kind: 'FRAGMENTS_MISSING',
    firstFragmentNumber: (START + 1n).toString(),
    lastFragmentNumber: LAST.toString(),
  });
  expect(loss.why).toContain('without a ContactId');
});

it('says of which fragment only a part is kept', () => {
  const loss = cutLoss(BAD);
  expect(loss).toMatchObject({
    kind: 'FRAGMENT_CUT',
    firstFragmentNumber: BAD.toString(),
    lastFragmentNumber: BAD.toString(),
  });
  expect(loss.why).toContain('its complete blocks are kept');
});

describe('what the stream may have forgotten', () => {
  it('is all from the start on where nothing was read, and says what helps', () => {
    const loss = positionLoss(undefined, RECORDING);
    expect(loss).toMatchObject({ kind: 'START_MISSING', firstFragmentNumber: START.toString() });
    expect(loss).not.toHaveProperty('lastFragmentNumber');
    expect(loss.why).toContain('a longer retention');
  });

  it('is what follows the last that was read, and says what helps', () => {
    const loss = positionLoss(LAST, RECORDING);
    expect(loss).toMatchObject({ kind: 'POSITION_LOST', firstFragmentNumber: (LAST + 1n).toString() });
    expect(loss).not.toHaveProperty('lastFragmentNumber');
    expect(loss.why).toContain('a longer retention');
  });
});
