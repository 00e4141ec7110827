import { describe, expect, it } from 'vitest';
import type { Loss } from '../../../recording/call-record.ts';
import { recordingId } from '../../../recording/identity.ts';
import { type Found, ofSharedSession } from '../../../recording/losses/shared-session.ts';
import { verdictOf } from '../../../recording/losses/verdict.ts';
import { CONTACT_ID, RECORDING } from '../../support/call.ts';

const FIRST = '77777777-31c7-4a3e-9a63-8f5c7d21e0ab';
const FIRST_RECORDING = recordingId({ ...RECORDING, contactId: FIRST });
const OWN = { contactId: CONTACT_ID };
const SHARED = { ...OWN, previousContactId: FIRST, sharesStreamWith: FIRST_RECORDING };

const START: Loss = { kind: 'START_MISSING', why: 'the stream had forgotten', firstFragmentNumber: '1' };
const MISSING: Loss = { kind: 'FRAGMENTS_MISSING', why: 'gone', firstFragmentNumber: '1' };
const STOPPED: Loss = { kind: 'RECORDER_STOPPED', why: 'the key is disabled' };

function found(
  fragments: number,
  losses: readonly Loss[],
  endReason: Found['endReason'] = 'NEXT_CONTACT',
): Found {
  const frames = fragments * 8_000;
  return { verdict: verdictOf(frames, losses), losses, frames, fragments, endReason };
}

const asItIs = ({ verdict, losses }: Found) => ({ verdict, losses });

describe('a recording whose session an earlier contact’s has, too', () => {
  it.each([
    ['nothing is missing', []],
    ['the session’s start is gone', [START]],
    ['all of the session is gone', [START, MISSING]],
  ])('is EMPTY where no audio carries its name, and %s; it says where the audio is', (_, losses) => {
    const { verdict, losses: left } = ofSharedSession(found(0, losses), SHARED);
    const { status, why } = verdict;

    expect(status).toBe('EMPTY');
    expect(why).toBe(
      'no audio in the stream carries this contact’s id: it was transferred, and the streaming session had begun with ' +
        `the contact before. The call’s audio is in recording ${FIRST_RECORDING}, as far as it has any; nothing is wrong ` +
        'with streaming, retention or keys',
    );
    expect(left).toEqual([]);
  });

  it('is COMPLETE with all the audio that carries its name, though the session’s start is gone', () => {
    const complete = ofSharedSession(found(20, [START]), SHARED);

    expect(complete).toEqual({ verdict: { status: 'COMPLETE' }, losses: [] });
  });

  it('stays FAILED where the tape may not be read', () => {
    const refused: Found = { ...found(0, [START]), verdict: { status: 'FAILED', why: 'AccessDenied' } };
    expect(ofSharedSession(refused, SHARED)).toMatchObject(asItIs(refused));
  });

  it.each([
    [found(20, [START, MISSING]), 'INCOMPLETE', [MISSING]],
    [found(0, [STOPPED]), 'FAILED', [STOPPED]],
    // Nobody saw that what came was another contact's.
    [found(0, [MISSING], 'DISCONNECTED'), 'FAILED', [MISSING]],
  ])('says what else was lost', (before, status, losses) => {
    expect(ofSharedSession(before, SHARED)).toEqual({ verdict: { status, why: losses[0]?.why }, losses });
  });
});

describe('a recording with a session of its own', () => {
  it.each([undefined, OWN, { ...OWN, initialContactId: CONTACT_ID, previousContactId: CONTACT_ID }])(
    'stays as it is',
    (call) => {
      for (const each of [found(0, []), found(0, [START]), found(9, [START]), found(9, [])])
        expect(ofSharedSession(each, call)).toEqual(asItIs(each));
    },
  );

  it('says, where a transferred contact’s is EMPTY, what may be so', () => {
    const { verdict } = ofSharedSession(found(0, []), { ...OWN, initialContactId: FIRST });
    const { why } = verdict;

    expect(why).toContain(found(0, []).verdict.why);
    expect(why).toContain(`transferred from ${FIRST}`);
    expect(why).toMatch(
      /; then invoke the connect function in the flow of the first contact, too, or start /,
    );
  });

  it('stays as it is where a transferred contact’s isn’t EMPTY', () => {
    const each = found(0, [START]);
    expect(ofSharedSession(each, { ...OWN, initialContactId: FIRST })).toEqual(asItIs(each));
  });
});
