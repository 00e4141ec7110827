import { describe, expect, it } from 'vitest';
import type { Completion, Loss } from '../../../recording/call-record.ts';
import { recordingId } from '../../../recording/identity.ts';
import { ofSharedSession } from '../../../recording/losses/shared-session.ts';
import { verdictOf } from '../../../recording/losses/verdict.ts';
import { CONTACT_ID, RECORDING } from '../../support/call.ts';

const FIRST = '77777777-31c7-4a3e-9a63-8f5c7d21e0ab';
const FIRST_RECORDING = recordingId({ ...RECORDING, contactId: FIRST });
const OWN = { contactId: CONTACT_ID };
const SHARED = { ...OWN, previousContactId: FIRST, sharesStreamWith: FIRST_RECORDING };

const START: Loss = { kind: 'START_MISSING', why: 'the stream had forgotten', firstFragmentNumber: '1' };
const MISSING: Loss = { kind: 'FRAGMENTS_MISSING', why: 'gone', firstFragmentNumber: '1' };
const STOPPED: Loss = { kind: 'RECORDER_STOPPED', why: 'the key is disabled' };

function completion(
  fragments: number,
  losses: readonly Loss[],
  endReason: Completion['endReason'] = 'NEXT_CONTACT',
): Completion {
  const frames = fragments * 8_000;
  const file = { bucket: 'b', key: 'k', bytes: 1, sha256: '', sampleRate: 8_000, channels: 2 } as const;
  return {
    ...verdictOf(frames, losses),
    endedAt: '2026-03-14T09:40:00.000Z',
    endReason,
    durationMs: fragments * 1_000,
    attempts: 1,
    ...(frames > 0 && { audio: { ...file, frames } }),
    media: {
      fragments,
      gapCount: 0,
      gapMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 },
      gaps: [],
      reanchored: 0,
      reopenings: 0,
      resumes: 0,
      maxBehindMs: 0,
    },
    losses,
    verification: { method: 'NONE', at: '2026-03-14T09:41:00.000Z', why: 'x' },
  };
}

describe('a recording whose session an earlier contact’s has, too', () => {
  it.each([
    ['nothing is missing', []],
    ['the session’s start is gone', [START]],
    ['all of the session is gone', [START, MISSING]],
  ])('is EMPTY where no audio carries its name, and %s; it says where the audio is', (_, losses) => {
    const { status, why, losses: left } = ofSharedSession(completion(0, losses), SHARED);

    expect(status).toBe('EMPTY');
    expect(why).toContain(FIRST_RECORDING);
    expect(why).not.toMatch(/check that/);
    expect(left).toEqual([]);
  });

  it('is COMPLETE with all the audio that carries its name, though the session’s start is gone', () => {
    const complete = ofSharedSession(completion(20, [START]), SHARED);

    expect(complete).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(complete).not.toHaveProperty('why');
  });

  it('stays FAILED where the tape may not be read', () => {
    const refused: Completion = { ...completion(0, [START]), status: 'FAILED', why: 'AccessDenied' };
    expect(ofSharedSession(refused, SHARED)).toEqual(refused);
  });

  it.each([
    [completion(20, [START, MISSING]), 'INCOMPLETE', [MISSING]],
    [completion(0, [STOPPED]), 'FAILED', [STOPPED]],
    // Nobody saw that what came was another contact's.
    [completion(0, [MISSING], 'DISCONNECTED'), 'FAILED', [MISSING]],
  ])('says what else was lost', (before, status, losses) => {
    expect(ofSharedSession(before, SHARED)).toMatchObject({ status, losses, why: losses[0]?.why });
  });
});

describe('a recording with a session of its own', () => {
  it.each([undefined, OWN, { ...OWN, initialContactId: CONTACT_ID, previousContactId: CONTACT_ID }])(
    'stays as it is',
    (call) => {
      for (const each of [
        completion(0, []),
        completion(0, [START]),
        completion(9, [START]),
        completion(9, []),
      ])
        expect(ofSharedSession(each, call)).toEqual(each);
    },
  );

  it('says, where a transferred contact’s is EMPTY, what may be so', () => {
    const { why } = ofSharedSession(completion(0, []), { ...OWN, initialContactId: FIRST });

    expect(why).toContain(completion(0, []).why);
    expect(why).toContain(`transferred from ${FIRST}`);
  });

  it('stays as it is where a transferred contact’s isn’t EMPTY', () => {
    const each = completion(0, [START]);
    expect(ofSharedSession(each, { ...OWN, initialContactId: FIRST })).toEqual(each);
  });
});
