import { describe, expect, it } from 'vitest';
import { offsetMs } from '../../../cli/calls/fetch.ts';
import { daysOf, rangeOf } from '../../../cli/selection/range.ts';
import { timeZoneOf } from '../../../cli/terminal/time-zone.ts';

const NOW = Date.parse('2026-03-14T01:30:00.000Z');
/** Connect's clock may be ahead of ours. */
const AHEAD = '2026-03-15T01:30:00.000Z';

describe('which calls', () => {
  it.each([
    [{ since: '90s' }, '2026-03-14T01:28:30.000Z', AHEAD],
    [{ since: '2h' }, '2026-03-13T23:30:00.000Z', AHEAD],
    [{ since: '1.5d' }, '2026-03-12T13:30:00.000Z', AHEAD],
    [{ since: '1w' }, '2026-03-07T01:30:00.000Z', AHEAD],
    [{ since: '999999999w' }, '1970-01-01T00:00:00.000Z', AHEAD],
    [{ day: 'today' }, '2026-03-14T00:00:00.000Z', '2026-03-15T00:00:00.000Z'],
    [{ day: 'yesterday' }, '2026-03-13T00:00:00.000Z', '2026-03-14T00:00:00.000Z'],
    [{ day: '2024-02-29' }, '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    [{ from: '2026-03-01' }, '2026-03-01T00:00:00.000Z', AHEAD],
    [
      { from: '2026-03-01T09:26', to: '2026-03-01 10:00:00' },
      '2026-03-01T09:26:00.000Z',
      '2026-03-01T10:00:00.000Z',
    ],
    [
      { from: '2026-03-01T09:26:53.5+01:00', to: '2026-03-02T00:00Z' },
      '2026-03-01T08:26:53.500Z',
      '2026-03-02T00:00:00.000Z',
    ],
    [{ to: '2026-03-02' }, '1970-01-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
    [{}, '2026-03-13T01:30:00.000Z', AHEAD],
  ])('%j', (args, from, to) => {
    expect(rangeOf(args, NOW, '24h')).toEqual({ from, to });
  });

  it.each([
    // 01:30 UTC is the evening before in New York, where clocks had been put forward by then.
    [{ day: 'today' }, '2026-03-13T04:00:00.000Z', '2026-03-14T04:00:00.000Z'],
    [{ day: 'yesterday' }, '2026-03-12T04:00:00.000Z', '2026-03-13T04:00:00.000Z'],
    // The day of the change has 23 hours.
    [{ day: '2026-03-08' }, '2026-03-08T05:00:00.000Z', '2026-03-09T04:00:00.000Z'],
    [{ from: '2026-03-01', to: '2026-03-13 09:30' }, '2026-03-01T05:00:00.000Z', '2026-03-13T13:30:00.000Z'],
    [{ from: '2026-03-01T00:00Z' }, '2026-03-01T00:00:00.000Z', AHEAD],
    [{ since: '2h' }, '2026-03-13T23:30:00.000Z', AHEAD],
  ])('in another time zone: %j', (args, from, to) => {
    const zone = timeZoneOf({ 'time-zone': 'America/New_York' }, {});
    expect(rangeOf(args, NOW, '24h', zone)).toEqual({ from, to });
  });

  it('may be all of them', () => {
    expect(rangeOf({}, NOW, undefined)).toBeUndefined();
  });

  it.each([
    { since: '2' },
    { since: 'two hours' },
    { since: '-2h' },
    { day: '14.3.2026' },
    { day: '2026-02-30' },
    { from: 'yesterday' },
    { from: '2026-03-14T25:00' },
    { from: '2026-03-14', to: '2026-03-14' },
    { since: '2h', day: 'today' },
    { day: 'today', to: '2026-03-14' },
  ])('is not to be told from %j', (args) => {
    expect(() => rangeOf(args, NOW, '24h')).toThrow();
  });

  it('are asked for day by day, in UTC, the latest first', () => {
    const range = (from: string, to: string) => daysOf({ from, to });
    expect(range('2026-02-27T23:59:59.999Z', '2026-03-02T00:00:00.000Z')).toEqual([
      '2026-03-01',
      '2026-02-28',
      '2026-02-27',
    ]);
    expect(range('2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.001Z')).toEqual(['2026-03-01']);
    expect(() => range('1970-01-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z')).toThrow('give --from');
  });
});

describe('a place in a call', () => {
  it.each([
    ['0', 0],
    ['90', 90_000],
    ['1:30', 90_000],
    ['1:02:03.5', 3_723_500],
  ])('%s', (text, ms) => {
    expect(offsetMs('--from', text)).toBe(ms);
  });

  it.each(['', '-1', '1:', ':30', '1h', '1:2:3:4'])('is not %j', (text) => {
    expect(() => offsetMs('--from', text)).toThrow('is no place in a call');
  });
});
