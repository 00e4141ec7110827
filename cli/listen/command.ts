/** `callspool listen`: its command line. What it does is loaded when it is asked for. */
import * as v from 'valibot';
import type { Argv, CommandModule } from 'yargs';
import { fail } from '../access/run.ts';
import { SWITCH, VALUE } from '../selection/options.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';

const text = (name: string) =>
  v.optional(v.pipe(v.string(`give ${name} once`), v.nonEmpty(`${name} wants a value`)));
const flag = (name: string) => v.optional(v.boolean(`give ${name} once`), false);

const Arguments = v.object({
  target: v.pipe(v.string('name one call or stream'), v.nonEmpty('name a call or a stream')),
  meter: flag('--meter'),
  raw: flag('--raw'),
  stream: flag('--stream'),
  wav: text('--wav'),
  exec: text('--exec'),
  from: text('--from'),
  contact: text('--contact'),
});

export type ListenArguments = v.InferOutput<typeof Arguments>;

/** @param onExit takes the command's exit code */
export function listenCommand(io: Io, onExit: (code: ExitCode) => void): CommandModule {
  return {
    command: 'listen <target>',
    describe:
      'Hear a call, while it goes on or afterwards, or a video stream: by ear, as a meter, in a program',
    builder,
    handler: async (args) => {
      onExit(await listenTo(io, args));
    },
  };
}

/** @param args as yargs has parsed them */
async function listenTo(io: Io, args: unknown): Promise<ExitCode> {
  const parsed = v.safeParse(Arguments, args);
  if (!parsed.success) return fail(io, new CliError(EXIT.usage, parsed.issues[0].message));
  const { runListen } = await import('./run.ts');
  return runListen(io, args, parsed.output);
}

function builder(yargs: Argv): Argv {
  return yargs
    .positional('target', {
      type: 'string',
      demandOption: true,
      describe: 'A contact’s or a recording’s id, or a Kinesis video stream (name or ARN)',
    })
    .option('meter', { ...SWITCH, describe: 'Show both sides’ levels, and how far behind they are' })
    .option('raw', {
      ...SWITCH,
      describe: 'Samples on standard output: 16-bit little-endian, customer and agent',
    })
    .option('wav', { ...VALUE, describe: 'A WAV a second into this folder; prints their names' })
    .option('exec', {
      ...VALUE,
      describe: 'Run a program, and tell it all on its standard input (docs/LIVE.md)',
    })
    .option('from', {
      ...VALUE,
      describe:
        'Of a call: a place (90, 1:30), or now. Of a stream: now, earliest, a time, or the number of the first fragment',
      defaultDescription: 'a call that is over: its beginning; else: now',
    })
    .option('stream', {
      ...SWITCH,
      describe: 'Of a call that goes on: open its stream, in place of the tape',
    })
    .option('contact', { ...VALUE, describe: 'Of a stream: hear this contact alone' })
    .check(({ meter, raw, wav, exec }) => {
      if ([meter, raw, wav !== undefined, exec !== undefined].filter(Boolean).length < 2) return true;
      throw new Error('give one of --meter, --raw, --wav and --exec');
    })
    .example('$0 listen CONTACT', 'what is being said; of a call that is over, all of it')
    .example('$0 listen CONTACT --meter', 'who speaks, and how loud')
    .example('$0 listen CONTACT --raw | python3 meter.py', 'into a program')
    .example('$0 listen STREAM --from FRAGMENT --wav calls/', 'without any deployment')
    .epilog(
      'Exit code: 0 done, 4 the recording isn’t COMPLETE, 3 no such call or stream, 1 failed, 2 bad usage.',
    );
}
