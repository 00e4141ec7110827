/** `callspool calls …`: the commands and their options. What they do is loaded when it is asked for. */
import type { CommandModule } from 'yargs';
import { type Run, runCommand } from '../access/run.ts';
import type { ExitCode } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { audit, erase, resume, transcribe } from './commands-that-change.ts';
import { exportMany, fetch, follow, list, search, show } from './commands-that-look.ts';
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
