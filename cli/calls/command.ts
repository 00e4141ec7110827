/** `callspool calls …`: the commands and their options. What they do is loaded when it is asked for. */
import type { Argv, CommandModule } from 'yargs';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { type Command, runCommand } from '../run.ts';
import { MONO } from '../audio/channels.ts';
import { filterOptions, ID, VALUE } from './options.ts';

/** Options that may be given more than once. */
const LISTS = ['_', 'status', 'ids'];

/** @param onExit takes the command's exit code */
export function callsCommand(io: Io, onExit: (code: ExitCode) => void): CommandModule {
  const run: Run = async (args, command) => {
    onExit(await runCommand(io, args, command));
  };
  const commands = [list, show, fetch];
  return {
    command: 'calls <command>',
    describe: 'Find, look at, fetch, resume and erase calls',
    builder: (yargs) =>
      commands
        .reduce((parser, add) => add(parser, io, run), yargs)
        .demandCommand(1, 'name a command of calls')
        .check(noneTwice),
    handler: () => undefined,
  };
}

type Run = (args: unknown, command: Command) => Promise<void>;

function noneTwice(args: Readonly<Record<string, unknown>>): true {
  const twice = Object.keys(args).find((name) => Array.isArray(args[name]) && !LISTS.includes(name));
  if (twice !== undefined) throw new Error(`give --${twice} once`);
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
        .option('gaps', { type: 'boolean', default: false, describe: 'All gaps, not the first few' })
        .option('json', { type: 'boolean', default: false, describe: 'For programs' })
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
    'Get a call’s audio as a WAV; of a call that goes on, what is durable so far',
    (parser) =>
      parser
        .positional('id', ID)
        .option('out', {
          ...VALUE,
          alias: 'o',
          describe: 'File, folder, or - (stdout)',
          defaultDescription: '<id>.wav',
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
        .example('$0 calls fetch CONTACT', 'CONTACT.wav')
        .example('$0 calls fetch CONTACT --play --from 1:30', 'listen')
        .example('$0 calls fetch CONTACT --mono customer -o - | whisper-cli -', 'one side into a program'),
    (args) =>
      run(args, async (access) => {
        const { fetchCall } = await import('./fetch.ts');
        return fetchCall(access, io, args);
      }),
  );
}
