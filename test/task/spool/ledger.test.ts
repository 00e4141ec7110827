import { expect, test } from 'vitest';
import { NO_COUNTS } from '../../../recording/checkpoint.ts';
import {
  openLedger,
  reopeningsUntold,
  type Stored,
  withReading,
  withReopeningsTold,
  withStored,
} from '../../../task/spool/ledger.ts';

const EMPTY = openLedger({
  recordingId: 'r',
  attempt: 1,
  counters: { ...NO_COUNTS, reopenings: 3 },
  losses: [],
});

function stored(first: bigint, last: bigint, source: Stored['source'] = 'live'): Stored {
  const position = { lastFragmentNumber: last };
  return { first, position, source, fragments: 2, bytes: 10, mediaMs: 2_000, behindMs: 0, lastCameAtMs: 0 };
}

test('the position goes forward alone', () => {
  const ledger = withStored(EMPTY, stored(1n, 5n));
  expect(() => withStored(ledger, stored(4n, 5n))).toThrow('would go back');
  expect(withStored(ledger, stored(6n, 9n)).position?.lastFragmentNumber).toBe(9n);
});

test('what came from the archive counts once the position has passed it', () => {
  const filled = withStored(withStored(EMPTY, stored(1n, 5n)), stored(6n, 9n, 'archive'));
  expect([filled.position?.lastFragmentNumber, filled.counters.restored]).toEqual([5n, 0]);
  const passed = withStored(filled, stored(10n, 12n));
  expect([passed.counters.fragments, passed.counters.restored, passed.uncounted]).toEqual([6, 2, []]);
});

test('the metrics are told of each reopening once', () => {
  const ledger = withReading(EMPTY, 3, 0);
  expect(reopeningsUntold(ledger)).toBe(2);
  expect(reopeningsUntold(withReopeningsTold(ledger))).toBe(0);
});
