import { expect, it } from 'vitest';
import { CALL_STATUSES, isFinal } from '../../recording/call-record.ts';

it('a recording’s status is final when nothing of it is under way any more', () => {
  expect(CALL_STATUSES.filter(isFinal)).toEqual(['COMPLETE', 'INCOMPLETE', 'EMPTY', 'FAILED']);
});
