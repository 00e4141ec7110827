import { expect, test } from 'vitest';
import type { Loss } from '../../../recording/call-record.ts';
import { NO_COUNTS } from '../../../recording/checkpoint.ts';
import {
  openLedger,
  progressOf,
  reopeningsUntold,
  type Stored,
  withDeclared,
  withoutBehind,
  withReading,
  withReopeningsTold,
  withStored,
} from '../../../task/spool/ledger.ts';

/** Of a recording of which nothing is on the tape. */
function empty() {
  const counters = { ...NO_COUNTS, reopenings: 3 };
  return openLedger({ recordingId: 'r', attempt: 1, counters, losses: [] });
}

function stored(first: bigint, last: bigint, source: Stored['source'] = 'live'): Stored {
  const position = { lastFragmentNumber: last };
  return { first, position, source, fragments: 2, bytes: 10, mediaMs: 2_000, behindMs: 0, lastCameAtMs: 0 };
}

test('the position goes forward alone', () => {
  const ledger = withStored(empty(), stored(1n, 5n));
  expect(() => withStored(ledger, stored(4n, 5n))).toThrow('would go back');
  expect(withStored(ledger, stored(6n, 9n)).position?.lastFragmentNumber).toBe(9n);
});

test('what came from the archive counts once the position has passed it', () => {
  const filled = withStored(withStored(empty(), stored(1n, 5n)), stored(6n, 9n, 'archive'));
  expect([filled.position?.lastFragmentNumber, filled.counters.restored]).toEqual([5n, 0]);
  const passed = withStored(filled, stored(10n, 12n));
  expect([passed.counters.fragments, passed.counters.restored, passed.uncounted]).toEqual([6, 2, []]);
});

test('the metrics are told of each reopening once', () => {
  const ledger = withReading(empty(), 3, 0);
  expect(reopeningsUntold(ledger)).toBe(2);
  expect(reopeningsUntold(withReopeningsTold(ledger))).toBe(0);
});

test('each segment counts with all that it holds', () => {
  const parts = [stored(1n, 5n), { ...stored(6n, 7n), mediaMs: 1_000.4 }, stored(8n, 9n)];
  const { counters } = parts.reduce(withStored, empty());
  expect(counters).toEqual({
    ...empty().counters,
    fragments: 6,
    restored: 0,
    bytes: 30,
    segments: 3,
    mediaMs: 5_000,
  });
});

test('what came from the archive behind the position waits for its own turn', () => {
  const holes = [stored(2n, 3n, 'archive'), stored(6n, 7n, 'archive')].reduce(withStored, empty());
  const between = withStored(holes, stored(1n, 5n));
  expect([between.counters.restored, between.uncounted.length]).toEqual([2, 1]);
  const behind = withStored(between, stored(8n, 9n));
  expect([behind.counters.restored, behind.counters.fragments, behind.uncounted.length]).toEqual([4, 8, 0]);
});

test('a session that was opened first is no reopening, and what lay furthest behind stays', () => {
  const first = withReading(empty(), 1, 700);
  expect(first.counters).toMatchObject({ reopenings: 3, maxBehindMs: 700 });
  expect(withReading(first, 2, 300).counters).toMatchObject({ reopenings: 4, maxBehindMs: 700 });
  expect(withReading(empty(), 0, 0).counters.reopenings).toBe(3);
});

test('why an earlier task stopped is forgotten, what it had lost isn’t', () => {
  const lost = {
    kind: 'FRAGMENT_CUT',
    why: 'cut',
    firstFragmentNumber: '7',
    lastFragmentNumber: '7',
  } as const;
  const stops = [
    { kind: 'RECORDER_STOPPED', why: 'no key' },
    { kind: 'CUT_AT_LIMIT', why: 'too long' },
  ] as const;
  const ledger = openLedger({
    recordingId: 'r',
    attempt: 2,
    counters: NO_COUNTS,
    losses: [stops[0], lost, stops[1]],
  });
  expect(progressOf(ledger)).toEqual({ counters: NO_COUNTS, losses: [lost] });
});

test('tells the position once there is one', () => {
  const { position } = stored(1n, 5n);
  expect(progressOf(withStored(empty(), stored(1n, 5n)))).toMatchObject({ position });
  expect(progressOf(empty())).not.toHaveProperty('position');
});

test('what was lost behind the range was none of the recording’s', () => {
  const malformed = (first?: string): Loss => ({
    kind: 'FRAGMENT_MALFORMED',
    why: 'bad',
    ...(first !== undefined && { firstFragmentNumber: first }),
  });
  const losses = [malformed(), malformed('4'), malformed('5'), malformed('6')];
  const ledger = losses.reduce(withDeclared, empty());
  const upTo5 = { start: 1n, endBefore: 5n, endedBy: 'NEXT_RECORDING' } as const;
  expect(withoutBehind(ledger, upTo5).losses).toEqual(losses.slice(0, 2));
  expect(withoutBehind(ledger, { start: 1n, endBefore: undefined, endedBy: undefined }).losses).toEqual(
    losses,
  );
});
