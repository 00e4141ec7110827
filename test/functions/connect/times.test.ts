/** When streaming began: Connect's word, unless it can't be right. */
import { describe, expect, it } from 'vitest';
import { startTime } from '../../../functions/connect/times.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.parse('2026-03-14T09:40:00.000Z');
const TOLD_MS = Date.parse('2026-03-14T09:26:53.589Z');
const EARLIEST_MS = Date.UTC(2018, 0);

/** A number as Kinesis Video Streams gives them out, with a time in it. */
const numbered = (atMs: number) => (1n << 156n) + (7n << 92n) + (BigInt(atMs) << 28n) + 12_345n;
const WITHOUT_TIME = 12_345n;
const of = (timestamp: unknown, startFragmentNumber = WITHOUT_TIME) => {
  const { startedAt, asTold } = startTime(timestamp, startFragmentNumber, NOW_MS);
  return { atMs: startedAt.getTime(), asTold };
};

describe('Connect’s word is taken', () => {
  it.each<[unknown, number]>([
    [TOLD_MS, TOLD_MS],
    [TOLD_MS + 0.9, TOLD_MS],
    [String(TOLD_MS), TOLD_MS],
    [`${String(TOLD_MS)}.123456789`, TOLD_MS],
    [`${String(TOLD_MS)}.9`, TOLD_MS],
    ['2026-03-14T09:26:53.589Z', TOLD_MS],
    ['2026-03-14T10:26:53.589+01:00', TOLD_MS],
    ['2026-03-14T10:26:53.589+0100', TOLD_MS],
    ['2026-03-14T09:26:53Z', TOLD_MS - 589],
    // A flow may be tested with a call of long ago.
    [EARLIEST_MS, EARLIEST_MS],
    // Clocks differ.
    [NOW_MS + HOUR_MS, NOW_MS + HOUR_MS],
  ])('%j', (timestamp, atMs) => {
    expect(of(timestamp)).toEqual({ atMs, asTold: true });
  });
});

describe('what can’t be right is not', () => {
  it.each<[unknown]>([
    [undefined],
    [null],
    [{}],
    [true],
    [[TOLD_MS]],
    [''],
    ['now'],
    [NaN],
    [EARLIEST_MS - 1],
    [NOW_MS + HOUR_MS + 1],
    [`${String(TOLD_MS)}ms`],
    [`t${String(TOLD_MS)}`],
    [` ${String(TOLD_MS)}`],
    [`${String(TOLD_MS)}.`],
    [`${String(TOLD_MS)}.x`],
    [`${String(TOLD_MS)}.0123456789`],
    [`-${String(TOLD_MS)}`],
    [`00${String(TOLD_MS)}`],
    ['0x19ceb6d5555'],
    ['1.773e12'],
    ['2026-03-14'],
    ['2026-03-14T09:26:53.589'],
    ['14 Mar 2026 09:26:53 Z'],
    ['x2026-03-14T09:26:53.589Z'],
    ['2026-03-14T09:26:53.589Zx'],
    ['2026-03-14T99:26:53.589Z'],
    ['2026-03-14T09:26:53 UTC'],
  ])('%j', (timestamp) => {
    expect(of(timestamp)).toEqual({ atMs: NOW_MS, asTold: false });
  });
});

describe('without it, the time in the start fragment’s number counts', () => {
  it.each([NOW_MS, NOW_MS - 240_000, NOW_MS - 7 * DAY_MS, NOW_MS + HOUR_MS])(
    'as long as it may be: %d',
    (atMs) => {
      expect(of(undefined, numbered(atMs))).toEqual({ atMs, asTold: false });
    },
  );

  it.each([NOW_MS - 7 * DAY_MS - 1, NOW_MS + HOUR_MS + 1])('and now where it may not: %d', (atMs) => {
    expect(of(undefined, numbered(atMs))).toEqual({ atMs: NOW_MS, asTold: false });
  });
});
