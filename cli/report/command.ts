/** `callspool report`: its command line. What it does is loaded when it is asked for. */
import type { Argv, CommandModule } from 'yargs';
import { runCommand } from '../access/run.ts';
import { FORCE, ID } from '../selection/options.ts';
import type { ExitCode } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { TIME_ZONE } from '../terminal/time-zone.ts';

/** @param onExit takes the command's exit code */
export function reportCommand(io: Io, onExit: (code: ExitCode) => void): CommandModule {
  return {
    command: 'report <id>',
    describe: 'One page about a call: facts, waveforms, gaps and losses, and a player',
    builder,
    handler: async (args) => {
      const code = await runCommand(io, args, async (access, deployment) => {
        const { reportCall } = await import('./run.ts');
        return reportCall(access, deployment, io, args);
      });
      onExit(code);
    },
  };
}

function builder(yargs: Argv): Argv {
  return yargs
    .positional('id', ID)
    .option('out', {
      alias: 'o',
      type: 'string',
      requiresArg: true,
      describe: 'The page, or a folder for it',
      defaultDescription: '<id>.html',
    })
    .option('embed-max', {
      type: 'number',
      requiresArg: true,
      describe: 'Most MiB of audio inside the page; more is a WAV beside it',
      defaultDescription: '16',
    })
    .option('presign', {
      type: 'number',
      requiresArg: true,
      describe: 'Let the page take the audio from S3, by a link that is valid for so many hours',
    })
    .option('time-zone', TIME_ZONE)
    .option('force', FORCE)
    .example('$0 report CONTACT', 'CONTACT.html')
    .example('$0 report CONTACT --presign 12 -o call.html', 'a small page, whose audio stays in S3')
    .epilog(
      'The page needs no network, but with --presign. Whoever has it hears the call: keep it as you keep recordings.\n' +
        'Exit code: 0 done, 4 done, and the recording isn’t COMPLETE (yet); 3 no such call, 1 failed, 2 bad usage.',
    );
}
