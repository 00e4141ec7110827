/** The `calls` commands that look at calls, or take something home: they change nothing. */
import type { Argv } from 'yargs';
import { FILE_FORMATS } from '../../recording/audio/files/formats.ts';
import type { Run } from '../access/run.ts';
import { MONO } from '../audio/channels.ts';
import { filterOptions, FORCE, ID, SWITCH, VALUE } from '../selection/options.ts';
import type { Io } from '../terminal/io.ts';
import { TIME_ZONE } from '../terminal/time-zone.ts';

export function list(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'list',
    'Find calls by time, customer and status; the latest first',
    (parser) =>
      filterOptions(parser)
        .option('limit', { type: 'number', requiresArg: true, describe: 'At most so many' })
        .option('json', { type: 'boolean', describe: 'For programs: one array' })
        .option('csv', { type: 'boolean', describe: 'For spreadsheets' })
        .conflicts('json', 'csv')
        .check(({ limit }) => {
          if (limit === undefined || (Number.isInteger(limit) && limit >= 1)) return true;
          throw new Error('--limit is a whole number from 1 on');
        })
        .example('$0 calls list --since 2h', 'what began in the last two hours')
        .example('$0 calls list --day yesterday --status INCOMPLETE', 'what lacks audio')
        .example('$0 calls list --customer +15550100 --json', 'all of one caller’s calls'),
    (args) =>
      run(args, async (access) => {
        const { listCalls } = await import('./list.ts');
        return listCalls(access, io, args);
      }),
  );
}

export function show(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'show <id>',
    'Everything that is known of a call',
    (parser) =>
      parser
        .positional('id', ID)
        .option('gaps', { ...SWITCH, describe: 'All gaps, not the first few' })
        .option('words', { ...SWITCH, describe: 'What was said, too' })
        .option('json', { ...SWITCH, describe: 'For programs; times in UTC' })
        .option('time-zone', TIME_ZONE)
        .example('$0 calls show 5b8d4f0a-31c7-4a3e-9a63-8f5c7d21e0ab', ''),
    (args) =>
      run(args, async (access) => {
        const { showCall } = await import('./show.ts');
        return showCall(access, io, args);
      }),
  );
}

export function fetch(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'fetch <id>',
    'Get a call’s audio, as a WAV or in another format; of a call that goes on, what is durable so far',
    (parser) =>
      parser
        .positional('id', ID)
        .option('out', {
          ...VALUE,
          alias: 'o',
          describe: 'File, folder, or - (stdout)',
          defaultDescription: '<id>.wav',
        })
        .option('format', {
          ...VALUE,
          choices: FILE_FORMATS.map(({ name }) => name),
          describe: 'The file’s format',
          defaultDescription: 'by the file’s name; wav',
        })
        .option('mono', {
          ...VALUE,
          choices: MONO,
          describe: 'One channel; stereo is customer left, agent right',
        })
        .option('from', { ...VALUE, describe: 'From this place in the call on: 90, 1:30, 1:02:03.5' })
        .option('to', { ...VALUE, describe: 'Up to this place' })
        .option('play', {
          type: 'boolean',
          default: false,
          describe: 'Play it; the file is kept only with --out',
        })
        .option('force', FORCE)
        .example('$0 calls fetch CONTACT', 'CONTACT.wav')
        .example('$0 calls fetch CONTACT -o call.flac', 'a quarter of the bytes')
        .example('$0 calls fetch CONTACT --play --from 1:30', 'listen')
        .example('$0 calls fetch CONTACT --mono customer -o - | whisper-cli -', 'one side into a program'),
    (args) =>
      run(args, async (access) => {
        const { fetchCall } = await import('./fetch.ts');
        return fetchCall(access, io, args);
      }),
  );
}

export function follow(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'follow <id>',
    'Watch a call while it is recorded, until it is finished',
    (parser) =>
      parser
        .positional('id', ID)
        .option('interval', {
          type: 'number',
          requiresArg: true,
          default: 2,
          describe: 'Seconds between looks',
        })
        .check(({ interval }) => {
          if (interval >= 0.2 && interval <= 3_600) return true;
          throw new Error('--interval is 0.2 to 3600 seconds');
        })
        .option('words', { ...SWITCH, describe: 'What is said, too, as it is written down' })
        .option('json', { ...SWITCH, describe: 'For programs: a line whenever something changes' })
        .example('$0 calls follow CONTACT --words', 'read along'),
    (args) =>
      run(args, async (access) => {
        const { followCall } = await import('./follow.ts');
        return followCall(access, io, args);
      }),
  );
}

export function search(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'search <words..>',
    'Find what was said, in calls that were written down',
    (parser) =>
      filterOptions(parser)
        .positional('words', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'Said one after the other, by one side',
        })
        .option('json', { ...SWITCH, describe: 'For programs: a line a place' })
        .example('$0 calls search express mail --since 7d', ''),
    (args) =>
      run(args, async (access) => {
        const { searchCalls } = await import('./search.ts');
        return searchCalls(access, io, args);
      }),
  );
}

export function exportMany(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'export [ids..]',
    'Get many calls into a folder; run again, it goes on where it stopped',
    (parser) =>
      filterOptions(parser)
        .positional('ids', { type: 'string', array: true, describe: 'Calls, instead of the options below' })
        .option('out', { ...VALUE, alias: 'o', demandOption: true, describe: 'Folder' })
        .option('at-a-time', {
          type: 'number',
          requiresArg: true,
          default: 4,
          describe: 'Downloads side by side',
        })
        .check((args) => {
          if (Number.isInteger(args['at-a-time']) && args['at-a-time'] >= 1 && args['at-a-time'] <= 64)
            return true;
          throw new Error('--at-a-time is 1 to 64');
        })
        .example(
          '$0 calls export --day yesterday --out calls/',
          'yesterday’s calls: WAV, JSON and what is beside them',
        ),
    (args) =>
      run(args, async (access) => {
        const { exportCalls } = await import('./export.ts');
        return exportCalls(access, io, args);
      }),
  );
}
