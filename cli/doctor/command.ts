/** `callspool doctor`: its command line. What it does is loaded when it is asked for. */
import * as v from 'valibot';
import type { Argv, CommandModule } from 'yargs';
import { runCommand } from '../access/run.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { numberFrom } from '../terminal/numbers.ts';

const HOURS = { min: 1, max: 24 * 31, default: 24 };

const Arguments = v.object({
  json: v.optional(v.boolean(), false),
  hours: v.optional(numberFrom(HOURS.min, HOURS.max), HOURS.default),
  'instance-arn': v.optional(v.string()),
});

/** @param onExit takes the command's exit code */
export function doctorCommand(io: Io, onExit: (code: ExitCode) => void): CommandModule {
  return {
    command: 'doctor',
    describe: 'Check a deployment for what makes recordings fail, empty or late, and say what to do',
    builder,
    handler: async (args) => {
      const code = await runCommand(io, args, async (access, deployment) => {
        const parsed = v.safeParse(Arguments, args);
        if (!parsed.success) {
          const [issue] = parsed.issues;
          throw new CliError(EXIT.usage, `--${v.getDotPath(issue) ?? ''}: ${issue.message}`);
        }
        const { json, hours, 'instance-arn': instanceArn } = parsed.output;
        const { examine } = await import('./run.ts');
        return examine(access, deployment, io, { json, hours, instanceArn });
      });
      onExit(code);
    },
  };
}

function builder(yargs: Argv): Argv {
  return yargs
    .option('json', { type: 'boolean', describe: 'For programs: an array of findings' })
    .option('hours', {
      type: 'number',
      requiresArg: true,
      describe: 'Look at the calls of the last so many hours',
      defaultDescription: String(HOURS.default),
    })
    .option('instance-arn', {
      type: 'string',
      requiresArg: true,
      describe: 'The Connect instance, where the deployment isn’t wired to one',
    })
    .example('$0 doctor --region eu-west-2', 'what is wrong, and what to do')
    .example('$0 doctor --json | jq \'.[] | select(.severity == "ERROR")\'', 'for a program')
    .epilog(
      'It only reads. What you may not look at is UNKNOWN, and no error.\n' +
        'Exit code: 0 no errors, 4 errors were found, 1 failed, 2 bad usage.',
    );
}
