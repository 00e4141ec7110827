/** Times and sizes as the page shows them. */
import { clock } from '../terminal/terminal.ts';
import type { TimeZone } from '../terminal/time-zone.ts';

/** `1:02:03.4`: a place in the call. */
export function place(ms: number): string {
  const tenths = Math.round(ms / 100);
  return `${clock(tenths * 100)}.${tenths % 10}`;
}

/** `64 ms`, `1.25 s`, `12:30` */
export function length(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(2)} s` : clock(ms);
}

/** `14 Mar 2026, 09:26:53 UTC`; what isn't a time is shown as it is. */
export function moment(iso: string, zone: TimeZone): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? iso : `${MOMENT.format(zone.wallMsOf(ms))} ${zone.name}`;
}

/** Writes what the zone's clocks show, as if it were UTC's. */
const MOMENT = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** Steps between the marks of a time axis, in s. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800];
const TICKS_MAX = 12;

/** The marks of an axis, in ms. */
export function ticks(durationMs: number): number[] {
  const step = 1_000 * (STEPS.find((seconds) => durationMs / (seconds * 1_000) <= TICKS_MAX) ?? 86_400);
  const all: number[] = [];
  for (let ms = 0; ms < durationMs; ms += step) all.push(ms);
  return all;
}
