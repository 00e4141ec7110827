import { describe, expect, test } from 'vitest';
import { listTable } from '../../../cli/calls/list-table.ts';
import { paintFor, PLAIN } from '../../../cli/terminal/terminal.ts';
import { UTC } from '../../../cli/terminal/time-zone.ts';
import type { CallSummary } from '../../../ports/calls/call-queries.ts';

const CALL: CallSummary = {
  contactId: '5b8d4f0a-31c7-4a3e-9a63-8f5c7d21e0ab',
  startFragmentNumber: '1',
  recordingId: '5b8d4f0a-31c7-4a3e-9a63-8f5c7d21e0ab_1',
  startedAt: '2026-03-14T09:26:53.589Z',
  status: 'INCOMPLETE',
  durationMs: 754_000,
  customerNumber: '+12025550143',
  why: 'the stream no longer had 12 fragments when they were asked for, '.repeat(3),
};

const linesAt = (width: number | undefined) =>
  listTable([CALL, { ...CALL, why: 'short' }], UTC, PLAIN, width).split('\n');
const longest = (width: number) => Math.max(...linesAt(width).map((line) => line.length));

describe('a list on a terminal', () => {
  test('is never wider than that, down to the narrowest that holds an id', () => {
    for (let width = 72; width <= 240; width += 1) expect(longest(width)).toBeLessThanOrEqual(width);
  });

  test('uses what room there is for the reason, and shows where it is cut', () => {
    expect(longest(140)).toBe(140);
    expect(linesAt(140)[1]).toMatch(/…$/);
    expect(linesAt(140)[2]).toMatch(/short$/);
  });

  test('leaves out the reason first, then the customer, then the length; never a part of an id', () => {
    const heads = [240, 100, 90, 74].map((width) => linesAt(width)[0]?.split(/ {2,}/).slice(1));
    expect(heads).toEqual([
      ['LENGTH', 'STATUS', 'CONTACT', 'CUSTOMER', 'WHY'],
      ['LENGTH', 'STATUS', 'CONTACT', 'CUSTOMER'],
      ['LENGTH', 'STATUS', 'CONTACT'],
      ['STATUS', 'CONTACT'],
    ]);
    for (const width of [20, 74, 100]) expect(linesAt(width)[1]).toContain(CALL.contactId);
  });

  test('is as wide in colours', () => {
    const colours = listTable([CALL], UTC, paintFor({}, { FORCE_COLOR: '1' }), 120);
    const plain = listTable([CALL], UTC, PLAIN, 120);
    // eslint-disable-next-line no-control-regex
    expect(colours.replace(/\u001b\[\d+m/g, '')).toBe(plain);
    expect(colours).not.toBe(plain);
  });
});

test('elsewhere it shows as much of the reason as before', () => {
  expect(linesAt(undefined)[1]?.length).toBeGreaterThan(150);
});
