import { describe, expect, it } from 'vitest';
import { ownershipOf } from '../../recording/ownership.ts';
import { rangeFrom } from '../../recording/range.ts';
import { CONTACT_ID, RECORDING, START_FRAGMENT_NUMBER } from '../support/call.ts';
import { fragmentOf, type TestDocument } from '../support/documents.ts';

const later = START_FRAGMENT_NUMBER + 5n;
const ours = fragmentOf({ number: START_FRAGMENT_NUMBER + 1n });

function judge(
  options: TestDocument,
  predecessor: { segmentUid: string | undefined } | 'none' = ours,
  endBefore?: bigint,
) {
  return ownershipOf(
    fragmentOf({ number: later, ...options }),
    RECORDING,
    { ...rangeFrom(RECORDING), endBefore },
    predecessor === 'none' ? undefined : predecessor,
  );
}

describe('ownershipOf', () => {
  it('goes by the ContactId tag', () => {
    expect(judge({ contactId: CONTACT_ID }, 'none')).toBe('ours');
    expect(judge({ contactId: 'another' })).toBe('otherContact');
  });

  it('takes an untagged fragment to be as the one before it if the SegmentUID is the same', () => {
    expect(judge({ contactId: '' })).toBe('ours');
    expect(judge({ contactId: '', segmentUid: 'another' })).toBe('unknown');
    expect(judge({ contactId: '' }, 'none')).toBe('unknown');
  });

  it('takes the start fragment for ours even if untagged, and nothing below it', () => {
    expect(judge({ number: START_FRAGMENT_NUMBER, contactId: '' }, 'none')).toBe('ours');
    expect(judge({ number: START_FRAGMENT_NUMBER - 1n })).toBe('before');
  });

  it('takes no fragment for ours that names another contact, be it the start fragment', () => {
    expect(judge({ number: START_FRAGMENT_NUMBER, contactId: 'another' })).toBe('unknown');
  });

  it('ends with the recording’s range, whosever the fragments behind it are', () => {
    expect(judge({}, ours, later)).toBe('behind');
    expect(judge({}, ours, later + 1n)).toBe('ours');
    expect(judge({ contactId: 'another' }, ours, later)).toBe('behind');
  });
});
