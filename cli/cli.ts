/** The command line `callspool`. */
import yargs, { type Argv } from 'yargs';
import packageJson from '../package.json' with { type: 'json' };
import { DEFAULT_LOCAL, DEPLOYMENT_GROUP, DEPLOYMENT_OPTIONS } from './access/deployment.ts';
import { fail } from './access/run.ts';
import { callsCommand } from './calls/command.ts';
import { deployerPolicyCommand } from './deployer-policy/command.ts';
import { doctorCommand } from './doctor/command.ts';
import { inspectCommand } from './inspect/command.ts';
import { listenCommand } from './listen/command.ts';
import { reportCommand } from './report/command.ts';
import { CliError, EXIT, type ExitCode } from './terminal/exit.ts';
import { type Io, print } from './terminal/io.ts';

const WIDTH_MAX = 110;
/** What the library calls the options that are in no group. */
const OWN_GROUP = 'Options:';

/** @param argv what follows the program's name. Never throws. */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  if (asksHelpOnCompletion(argv)) {
    print(io, COMPLETION_HELP);
    return EXIT.ok;
  }
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

const COMPLETION = 'completion';
const COMPLETION_DESCRIBED = 'Print the script that completes commands in bash and zsh';

/** The library prints the script, whatever else is asked of `completion`. */
function asksHelpOnCompletion(argv: readonly string[]): boolean {
  const command = argv.find((word) => !word.startsWith('-'));
  return command === COMPLETION && argv.some((word) => word === '--help' || word === '-h');
}

const COMPLETION_HELP = `callspool ${COMPLETION}

${COMPLETION_DESCRIBED}

Examples:
  source <(callspool ${COMPLETION})             in this shell
  callspool ${COMPLETION} >> ~/.bashrc          in every one; zsh: ~/.zshrc`;

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
      // Groups stand in the order in which they are first named: a command's own options before the deployment's.
      yargs().scriptName('callspool').group(['help', 'version'], OWN_GROUP),
    )
    .usage('$0 <command>\n\nLooks after the calls that callspool records.')
    .command(callsCommand(io, onExit))
    .command(listenCommand(io, onExit))
    .command(reportCommand(io, onExit))
    .command(inspectCommand(io, onExit))
    .command(doctorCommand(io, onExit))
    .command(deployerPolicyCommand(io, onExit))
    .demandCommand(1, 'name a command')
    .recommendCommands()
    .strict()
    .completion(COMPLETION, COMPLETION_DESCRIBED)
    .example('$0 calls list --since 2h', 'what began in the last two hours')
    .example('$0 calls fetch CONTACT --play', 'listen to a call')
    .example('$0 doctor', 'is the deployment sound?')
    .epilog(
      'Exit code: 0 done, 1 failed, 2 bad usage, 3 no such call, 4 done but not COMPLETE.\n' +
        '--local and ./local-out are for what `npm run local` leaves; docs/OPERATING.md tells the rest.',
    )
    .parserConfiguration({ 'boolean-negation': false, 'parse-positional-numbers': false })
    .locale('en')
    .version(packageJson.version)
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
  return new CliError(EXIT.usage, inOurWords(error.message, commands), `${help} tells more`);
}

/** The library's own words leave open what is missing. */
function inOurWords(message: string, commands: readonly string[]): string {
  const [, option] = /^Not enough arguments following: (\S+)$/.exec(message) ?? [];
  if (option !== undefined)
    return `--${option} wants a value${option === 'local' ? `, such as --local ${DEFAULT_LOCAL}` : ''}`;
  if (!message.startsWith('Not enough non-option arguments')) return message;
  return commands[0] === 'inspect'
    ? 'name what to inspect: a file, a call’s id, s3://BUCKET/KEY, or a video stream'
    : 'name a call by its id; calls list shows it';
}

/** The first words, as far as they look like commands. */
function commandsIn(argv: readonly string[]): string[] {
  const words = argv.slice(0, argv.findIndex((word) => word.startsWith('-')) >>> 0).slice(0, 2);
  return words.filter((word) => /^[a-z]+$/.test(word));
}
