/** The span of starts that calls are looked for in; times are UTC, as in the records, unless a zone is asked for. */
import { CliError, EXIT } from '../terminal/exit.ts';
import { type TimeZone, UTC } from '../terminal/time-zone.ts';

export interface RangeArguments {
  readonly since?: string | undefined;
  readonly day?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** ISO 8601 in UTC with milliseconds: `from` ≤ startedAt < `to`. */
export interface Range {
  readonly from: string;
  readonly to: string;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const DAY_MS = 86_400_000;
/** Connect's clock may be ahead of this machine's. */
const AHEAD_MS = DAY_MS;
/** A query for each. */
const DAYS_MAX = 3_660;

/**
 * @param fallback what `--since` is when nothing is given; undefined: all time
 * @throws CliError
 */
export function rangeOf(
  args: RangeArguments,
  nowMs: number,
  fallback: string | undefined,
  zone: TimeZone = UTC,
): Range | undefined {
  const { since, day, from, to } = args;
  const ways = [since, day, from ?? to].filter((given) => given !== undefined);
  if (ways.length > 1) throw usage('give one of --since, --day, or --from and --to');
  if (day !== undefined) return dayRange(day, nowMs, zone);
  if (from !== undefined || to !== undefined) {
    const range = {
      from: from === undefined ? iso(0) : iso(timeOf('--from', from, zone)),
      to: to === undefined ? iso(nowMs + AHEAD_MS) : iso(timeOf('--to', to, zone)),
    };
    if (range.to <= range.from) throw usage('--to must be later than --from');
    return range;
  }
  const span = since ?? fallback;
  return span === undefined
    ? undefined
    : { from: iso(Math.max(0, nowMs - spanMs('--since', span))), to: iso(nowMs + AHEAD_MS) };
}

/** The UTC days that a range touches, the latest first. @throws CliError when there are too many to ask for */
export function daysOf({ from, to }: Range): string[] {
  const firstMs = Math.floor(Date.parse(from) / DAY_MS) * DAY_MS;
  const lastMs = Date.parse(to) - 1;
  if ((lastMs - firstMs) / DAY_MS > DAYS_MAX) {
    throw usage(`that is more than ${DAYS_MAX} days: give --from and --to, or ask by --customer or --status`);
  }
  const days: string[] = [];
  for (let ms = firstMs; ms <= lastMs; ms += DAY_MS) days.push(iso(ms).slice(0, 10));
  return days.reverse();
}

/** `90s`, `15m`, `2h`, `3d`, `1w` in ms. @throws CliError */
function spanMs(option: string, text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (number === undefined || unitMs === undefined) {
    throw usage(`${option} ${text} is no span of time: 90s, 15m, 2h, 3d and 1w are`);
  }
  return Number(number) * unitMs;
}

function dayRange(day: string, nowMs: number, zone: TimeZone): Range {
  const todayMs = zone.wallMsOf(nowMs);
  const named: Readonly<Record<string, number>> = { today: todayMs, yesterday: todayMs - DAY_MS };
  const startMs = named[day] ?? (/^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN);
  const midnightMs = Math.floor(startMs / DAY_MS) * DAY_MS;
  if (Number.isNaN(midnightMs) || (!(day in named) && iso(midnightMs).slice(0, 10) !== day)) {
    throw usage(`--day ${day} is no day: 2026-03-14, today and yesterday are (${zone.name})`);
  }
  return { from: iso(zone.epochMsOf(midnightMs)), to: iso(zone.epochMsOf(midnightMs + DAY_MS)) };
}

const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Reads a time by the zone's clocks, unless the text names a zone itself. */
function timeOf(option: string, text: string, zone: TimeZone): number {
  const match = TIME.exec(text.replace(' ', 'T'));
  const [whole = '', own] = match ?? [];
  const wallMs = Date.parse(own === undefined && whole.length > 10 ? `${whole}Z` : whole);
  if (!Number.isNaN(wallMs)) return own === undefined ? zone.epochMsOf(wallMs) : wallMs;
  throw usage(`${option} ${text} is no time: 2026-03-14, 2026-03-14T09:26 and 2026-03-14T09:26:53Z are`);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, message);
}
