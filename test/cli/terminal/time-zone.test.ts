import { describe, expect, it } from 'vitest';
import { timeZoneOf, UTC } from '../../../cli/terminal/time-zone.ts';

const HOUR_MS = 3_600_000;

describe('a time zone', () => {
  it.each([
    ['UTC', '2026-03-14T09:26:53.589Z', '2026-03-14 09:26:53 UTC'],
    ['Europe/Berlin', '2026-03-14T23:26:53.589Z', '2026-03-15 00:26:53 +01:00'],
    ['Europe/Berlin', '2026-07-14T23:26:53.000Z', '2026-07-15 01:26:53 +02:00'],
    ['Asia/Kolkata', '2026-03-14T09:26:53.000Z', '2026-03-14 14:56:53 +05:30'],
    ['America/New_York', '2026-01-01T00:00:00.000Z', '2025-12-31 19:00:00 -05:00'],
  ])('%s shows %s as %s', (name, iso, shown) => {
    expect(timeZoneOf({ 'time-zone': name }, {}).timeWithZone(iso)).toBe(shown);
  });

  it('takes what its clocks show, on either side of a change and in every zone that there is', () => {
    const days = [Date.UTC(2026, 2, 29), Date.UTC(2026, 9, 25), Date.UTC(2026, 6, 1)];
    for (const name of [...Intl.supportedValuesOf('timeZone'), 'UTC']) {
      const zone = timeZoneOf({ 'time-zone': name }, {});
      for (const day of days) {
        for (let ms = day - 26 * HOUR_MS; ms < day + 26 * HOUR_MS; ms += 6.5 * HOUR_MS) {
          const back = zone.epochMsOf(zone.wallMsOf(ms));
          // An hour that comes twice has two answers, and both show the same.
          expect(zone.wallMsOf(back)).toBe(zone.wallMsOf(ms));
        }
      }
    }
  });

  it('is the option’s, else the environment’s, else UTC', () => {
    const env = { CALLSPOOL_TIME_ZONE: 'Asia/Tokyo' };
    expect(timeZoneOf({ 'time-zone': 'Asia/Tokyo' }, {}).name).toBe('Asia/Tokyo');
    expect(timeZoneOf({}, env).name).toBe('Asia/Tokyo');
    expect(timeZoneOf({ 'time-zone': 'UTC' }, env).name).toBe('UTC');
    expect(timeZoneOf({}, { CALLSPOOL_TIME_ZONE: ' ' }).name).toBe(UTC.name);
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(timeZoneOf({ 'time-zone': 'local' }, env).name).toBe(here);
  });

  it.each([
    [{ 'time-zone': 'Mars' }, {}, '--time-zone Mars is no time zone'],
    [{}, { CALLSPOOL_TIME_ZONE: 'Mars' }, 'CALLSPOOL_TIME_ZONE Mars is no time zone'],
    [{ 'time-zone': ['UTC', 'UTC'] }, {}, 'give --time-zone once'],
    [{ 'time-zone': '' }, {}, 'give --time-zone once'],
  ])('is not %j with %j', (args, env, message) => {
    expect(() => timeZoneOf(args, env)).toThrow(message);
  });
});
