/** `callspool inspect`: its command line. What it does is loaded when it is asked for. */
import * as v from 'valibot';
import type { Argv, CommandModule } from 'yargs';
import { fail } from '../access/run.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { numberFrom } from '../terminal/numbers.ts';

const Arguments = v.object({
  target: v.string('name one file, tape, recording or stream'),
  json: v.optional(v.boolean('give --json once'), false),
  summary: v.optional(v.boolean('give --summary once'), false),
  depth: v.optional(numberFrom(0, 100, 'whole'), 100),
  limit: v.optional(numberFrom(0, 1_000_000_000, 'whole')),
  from: v.optional(v.string('give --from once'), 'now'),
  wait: v.optional(numberFrom(0.1, 3_600), 30),
});

/** @param args as yargs has parsed them */
export async function inspect(io: Io, args: unknown): Promise<ExitCode> {
  const parsed = v.safeParse(Arguments, args);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const option = v.getDotPath(issue) ?? '';
    return fail(io, new CliError(EXIT.usage, `--${option}: ${issue.message}`));
  }
  const { summary, wait, target: given, ...options } = parsed.output;
  // yargs gives a lone `-` as an empty text.
  const target = given === '' ? '-' : given;
  const { runInspect } = await import('./run.ts');
  return runInspect(io, args, { ...options, target, summaryOnly: summary, waitSeconds: wait });
}

/** @param onExit takes the command's exit code */
export function inspectCommand(io: Io, onExit: (code: ExitCode) => void): CommandModule {
  return {
    command: 'inspect <target>',
    describe: 'Show the structure of a Matroska file, a tape or a live stream, and what is wrong with it',
    builder,
    handler: async (args) => {
      onExit(await inspect(io, args));
    },
  };
}

function builder(yargs: Argv): Argv {
  return yargs
    .positional('target', {
      type: 'string',
      describe:
        'A file or folder, - (standard input), s3://BUCKET/KEY (all below it if it ends with /), ' +
        'a contact’s or a recording’s id (its tape), or a Kinesis video stream (name or ARN)',
    })
    .option('json', { type: 'boolean', describe: 'As JSON, an object a line' })
    .option('summary', { type: 'boolean', describe: 'The summary alone, without the tree' })
    .option('depth', { type: 'number', requiresArg: true, describe: 'Show elements up to this depth' })
    .option('limit', {
      type: 'number',
      requiresArg: true,
      describe: 'Stop after so many fragments; 0: read on',
      defaultDescription: '0; 10 of a live stream',
    })
    .option('from', {
      type: 'string',
      requiresArg: true,
      describe: 'Of a live stream: now, earliest, a time, or the fragment number to begin after',
      defaultDescription: 'now',
    })
    .option('wait', {
      type: 'number',
      requiresArg: true,
      describe: 'Of a live stream: stop when nothing came for so many seconds',
      defaultDescription: '30',
    })
    .example('$0 inspect dump.mkv --summary', 'what a GetMedia dump holds')
    .example('$0 inspect s3://BUCKET/tape/CONTACT/', 'all that is on a contact’s tape')
    .example('$0 inspect STREAM --from earliest --limit 3', 'a stream’s oldest fragments')
    .example("$0 inspect dump.mkv --json | jq 'select(.problem)'", 'what is wrong with it, for a program')
    .epilog('Exit code: 0 sound, 4 something is wrong with it, 3 nothing there, 1 failed, 2 bad usage.');
}
