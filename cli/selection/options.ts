/** Options that several commands have. */
import type { Argv } from 'yargs';
import { CALL_STATUSES } from '../../recording/call-record.ts';
import { TIME_ZONE } from '../terminal/time-zone.ts';

export const ID = {
  type: 'string',
  demandOption: true,
  describe: 'Contact id; or recording id, where the contact has several recordings',
} as const;

export const VALUE = { type: 'string', requiresArg: true } as const;

export const SWITCH = { type: 'boolean', default: false } as const;

/** Connect gives numbers in E.164, without what people put between the digits. */
export const CUSTOMER = {
  ...VALUE,
  describe: 'The customer’s number, as the record has it: +15550100',
  coerce: (given: string) =>
    typeof given === 'string' && /^\+[\d\s().-]+$/.test(given) ? given.replace(/[^+\d]/g, '') : given,
} as const;

/** These options choose calls. */
export function filterOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('since', { ...VALUE, describe: 'Started within 90s, 15m, 2h, 3d, 1w' })
    .option('day', { ...VALUE, describe: 'Started on this day: 2026-03-14, today, yesterday' })
    .option('from', { ...VALUE, describe: 'Started at or after 2026-03-14, 2026-03-14T09:26' })
    .option('to', { ...VALUE, describe: 'Started before' })
    .option('customer', CUSTOMER)
    .option('status', {
      type: 'string',
      array: true,
      nargs: 1,
      choices: CALL_STATUSES,
      coerce: (given: readonly string[]) => given.map((status) => status.toUpperCase()),
      describe: 'May be given more than once',
    })
    .option('time-zone', TIME_ZONE)
    .group(['since', 'day', 'from', 'to', 'customer', 'status', 'time-zone'], 'Which calls:');
}

export const FORCE = { ...SWITCH, alias: 'f', describe: 'Replace a file that is there' } as const;
export const YES = { ...SWITCH, alias: 'y', describe: 'Don’t ask' } as const;
export const DRY_RUN = { ...SWITCH, describe: 'Only say what would be done' } as const;
