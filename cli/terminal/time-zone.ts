/** Times as a person reads and gives them: in UTC, as the records have them, unless another zone was asked for. */
import * as v from 'valibot';
import type { Environment } from '../../contract/environment.ts';
import { COMMAND_VARIABLES } from '../../contract/variables.ts';
import { CliError, EXIT } from './exit.ts';

/** This option of yargs goes with each command that shows or takes times. */
export const TIME_ZONE = {
  type: 'string',
  requiresArg: true,
  describe: 'Show and take times in this zone: Europe/Berlin, or local (this machine’s)',
  defaultDescription: 'UTC',
} as const;

export interface TimeZoneArguments {
  /** The option's value, as yargs has parsed it. */
  readonly 'time-zone'?: unknown;
}

export interface TimeZone {
  /** `UTC`, `Europe/Berlin` */
  readonly name: string;
  /** `2026-03-14 09:26:53` */
  time(iso: string): string;
  /** `2026-03-14 09:26:53 UTC`, `2026-03-14 10:26:53 +01:00` */
  timeWithZone(iso: string): string;
  /**
   * @param wallMs what the zone's clocks show, as if it were UTC's, epoch ms
   * @returns when they do, epoch ms. Of an hour that comes twice, one of the two; of one that is left out, one beside it
   */
  epochMsOf(wallMs: number): number;
  /** What the zone's clocks show at an epoch ms, as if it were UTC's. */
  wallMsOf(epochMs: number): number;
}

const Given = v.optional(v.pipe(v.string(), v.nonEmpty()));
const LOCAL = 'local';

/**
 * `--time-zone`, else `CALLSPOOL_TIME_ZONE`, else UTC.
 * @throws CliError where there is no such zone
 */
export function timeZoneOf(args: TimeZoneArguments, env: Environment): TimeZone {
  const { success, output } = v.safeParse(Given, args['time-zone']);
  if (!success) throw new CliError(EXIT.usage, 'give --time-zone once, with a value');
  const variable = env[COMMAND_VARIABLES.timeZone]?.trim();
  const name = output ?? (variable === undefined || variable === '' ? 'UTC' : variable);
  const where = output === undefined ? COMMAND_VARIABLES.timeZone : '--time-zone';
  try {
    return new NamedZone(name === LOCAL ? Intl.DateTimeFormat().resolvedOptions().timeZone : name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CliError(EXIT.usage, `${where} ${name} is no time zone`, 'UTC, Europe/Berlin and local are');
  }
}

class NamedZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;

  /** @throws RangeError where there is none of that name */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
    this.name = this.#format.resolvedOptions().timeZone;
  }

  time(iso: string): string {
    return new Date(this.wallMsOf(Date.parse(iso))).toISOString().slice(0, 19).replace('T', ' ');
  }

  timeWithZone(iso: string): string {
    const ms = Date.parse(iso);
    return `${this.time(iso)} ${this.name === 'UTC' ? 'UTC' : offset(this.wallMsOf(ms) - ms)}`;
  }

  epochMsOf(wallMs: number): number {
    // The offset of about that time; then, should a change lie between, that of the time itself.
    const about = wallMs - (this.wallMsOf(wallMs) - wallMs);
    return wallMs - (this.wallMsOf(about) - about);
  }

  wallMsOf(epochMs: number): number {
    const parts = this.#format.formatToParts(epochMs);
    const part = (type: Intl.DateTimeFormatPartTypes) =>
      Number(parts.find((candidate) => candidate.type === type)?.value);
    const wholeMs = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return wholeMs + (((epochMs % 1_000) + 1_000) % 1_000);
  }
}

/** `+01:00` */
function offset(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${ms < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

export const UTC: TimeZone = new NamedZone('UTC');
