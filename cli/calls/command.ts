/** `callspool calls …`: the commands and their options. What they do is loaded when it is asked for. */
import type { Argv, CommandModule } from 'yargs';
import { FILE_FORMATS } from '../../recording/audio/files/formats.ts';
import { TRANSCRIPT_SOURCES } from '../../recording/transcript/segment.ts';
import { type Run, runCommand } from '../access/run.ts';
import { MONO } from '../audio/channels.ts';
import { CUSTOMER, DRY_RUN, filterOptions, FORCE, ID, SWITCH, VALUE, YES } from '../selection/options.ts';
import type { ExitCode } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { TIME_ZONE } from '../terminal/time-zone.ts';
import { heard } from './heard/command.ts';

/** Options that may be given more than once. */
const LISTS = ['_', 'status', 'ids', 'words'];

/** @param onExit takes the command's exit code */
export function callsCommand(io: Io, onExit: (code: ExitCode) => void): CommandModule {
  const run: Run = async (args, command) => {
    onExit(await runCommand(io, args, command));
  };
  const commands = [list, show, follow, search, fetch, exportMany, transcribe, resume, audit, erase, heard];
  return {
    command: 'calls',
    describe: 'Find, look at, fetch, resume, audit and erase calls; who has heard them',
    builder: (yargs) =>
      commands
        .reduce((parser, add) => add(parser, io, run), yargs)
        .demandCommand(1, 'name a command of calls')
        .check(onceWithValue),
    handler: () => undefined,
  };
}

/** An empty value is a script's unset variable: it must not come to mean "any". */
function onceWithValue(args: Readonly<Record<string, unknown>>): true {
  const wrong = Object.keys(args).find((name) => {
    const value = args[name];
    return Array.isArray(value) ? !LISTS.includes(name) || value.includes('') : value === '';
  });
  if (wrong !== undefined) throw new Error(`give --${wrong} once, with a value`);
  return true;
}

function list(yargs: Argv, io: Io, run: Run): Argv {
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

function show(yargs: Argv, io: Io, run: Run): Argv {
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

function fetch(yargs: Argv, io: Io, run: Run): Argv {
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

function follow(yargs: Argv, io: Io, run: Run): Argv {
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

function search(yargs: Argv, io: Io, run: Run): Argv {
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

function transcribe(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'transcribe [id]',
    'Write down what was said in finished calls, by a recogniser on this machine or by Amazon Transcribe',
    (parser) =>
      filterOptions(parser)
        .positional('id', { ...ID, demandOption: false })
        .option('all', { ...SWITCH, describe: 'Every call of these that isn’t written down' })
        .option('anew', { ...SWITCH, describe: 'In place of what was written down before' })
        .option('source', {
          ...VALUE,
          choices: TRANSCRIPT_SOURCES,
          default: 'recognise' as const,
          describe: 'Who writes it down: a recogniser on this machine, or Amazon Transcribe (docs/WORDS.md)',
        })
        .example('$0 calls transcribe CONTACT', '')
        .example('$0 calls transcribe --all --since 7d', 'what nobody has written down of a week'),
    (args) =>
      run(args, async (access) => {
        const { transcribeCalls } = await import('./transcribe.ts');
        return transcribeCalls(access, io, args);
      }),
  );
}

function exportMany(yargs: Argv, io: Io, run: Run): Argv {
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

function resume(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'resume [id]',
    'Go on with a recording that broke off, while its stream still holds the audio',
    (parser) =>
      parser
        .positional('id', { ...ID, demandOption: false })
        .option('all-interrupted', { ...SWITCH, describe: 'Every recording that broke off' })
        .option('since', {
          ...VALUE,
          describe: 'With --all-interrupted: started within',
          defaultDescription: '24h',
        })
        .option('wait', { ...SWITCH, describe: 'Follow each until it is finished' })
        .option('yes', YES)
        .option('dry-run', DRY_RUN)
        .option('force', { ...SWITCH, describe: 'Also a call whose record says COMPLETE' })
        .example('$0 calls resume CONTACT', 'says what is missing, asks, and resumes')
        .example('$0 calls resume --all-interrupted --since 24h --yes', 'after an outage'),
    (args) =>
      run(args, async (access) => {
        const { resumeCalls } = await import('./resume.ts');
        return resumeCalls(access, io, args);
      }),
  );
}

function audit(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'audit',
    'Judge finished recordings anew, from what is on the tape; changes nothing without --mend',
    (parser) =>
      filterOptions(parser)
        .option('mend', { ...SWITCH, describe: 'Assemble again what would come out otherwise' })
        .option('yes', YES)
        .example('$0 calls audit --since 4w', 'what would come out otherwise by the rules of now')
        .example('$0 calls audit --since 4w --mend', 'says it, asks, and assembles that again'),
    (args) =>
      run(args, async (access) => {
        const { auditCalls } = await import('./audit/command.ts');
        return auditCalls(access, io, args);
      }),
  );
}

function erase(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'erase [ids..]',
    'Erase what is kept of calls, or of one caller, for good',
    (parser) =>
      parser
        .positional('ids', { type: 'string', array: true, describe: 'Contact ids, or recording ids' })
        .option('customer', { ...CUSTOMER, describe: 'All calls of this number: +15550100' })
        .option('yes', YES)
        .option('dry-run', DRY_RUN)
        .example('$0 calls erase CONTACT --dry-run', 'what would go')
        .example('$0 calls erase --customer +15550100', 'all of one caller’s calls'),
    (args) =>
      run(args, async (access) => {
        const { eraseCalls } = await import('./erase/command.ts');
        return eraseCalls(access, io, args);
      }),
  );
}
