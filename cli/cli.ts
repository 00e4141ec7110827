/** The command line `callspool`. */
import yargs, { type Argv } from 'yargs';
import { callsCommand } from './calls/command.ts';
import { DEPLOYMENT_GROUP, DEPLOYMENT_OPTIONS } from './deployment.ts';
import { doctorCommand } from './doctor/command.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { inspectCommand } from './inspect/command.ts';
import { type Io, print } from './io.ts';
import { reportCommand } from './report/command.ts';
import { fail } from './run.ts';

const WIDTH_MAX = 110;

/** @param argv what follows the program's name. Never throws. */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const parser = newParser(io, (code) => {
    exitCode = code;
  });
  // Help is printed by us, and not from within the library.
  let printed = '';
  try {
    await parser.parseAsync([...argv], {}, (_error: unknown, _args: unknown, output: string) => {
      printed = output;
    });
  } catch (error) {
    return fail(io, error instanceof Error ? usageError(error, argv) : error);
  }
  if (printed !== '') print(io, printed);
  return exitCode;
}

function newParser(io: Io, onExit: (code: ExitCode) => void): Argv {
  return Object.entries(DEPLOYMENT_OPTIONS)
    .reduce(
      (parser, [name, option]) =>
        parser.option(name, {
          ...option,
          type: 'string',
          requiresArg: true,
          global: true,
          group: DEPLOYMENT_GROUP,
        }),
      yargs().scriptName('callspool'),
    )
    .usage('$0 <command>\n\nLooks after the calls that callspool records.')
    .command(callsCommand(io, onExit))
    .command(reportCommand(io, onExit))
    .command(inspectCommand(io, onExit))
    .command(doctorCommand(io, onExit))
    .demandCommand(1, 'name a command')
    .recommendCommands()
    .strict()
    .completion('completion', 'Print the script that completes commands in bash and zsh')
    .example('$0 calls list --since 2h', 'what began in the last two hours')
    .example('$0 calls fetch CONTACT --play', 'listen to a call')
    .example('$0 doctor', 'is the deployment sound?')
    .epilog(
      'Exit code: 0 done, 1 failed, 2 bad usage, 3 no such call, 4 done but not COMPLETE.\n' +
        '--local and ./local-out are for what `npm run local` leaves; docs/OPERATING.md tells the rest.',
    )
    .parserConfiguration({ 'boolean-negation': false, 'parse-positional-numbers': false })
    .locale('en')
    .version(false)
    .help()
    .alias('help', 'h')
    .wrap(Math.min(io.stdout.columns ?? WIDTH_MAX, WIDTH_MAX))
    .exitProcess(false)
    .fail(false);
}

function usageError(error: Error, argv: readonly string[]): CliError {
  // A command that isn't there has no help.
  const commands = /^(Did you mean|Unknown command)/.test(error.message) ? [] : commandsIn(argv);
  const help = ['callspool', ...commands, '--help'].join(' ');
  return new CliError(EXIT.usage, error.message, `${help} tells more`);
}

/** The first words, as far as they look like commands. */
function commandsIn(argv: readonly string[]): string[] {
  const words = argv.slice(0, argv.findIndex((word) => word.startsWith('-')) >>> 0).slice(0, 2);
  return words.filter((word) => /^[a-z]+$/.test(word));
}
