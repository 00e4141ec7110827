/** The `calls` commands that change what is kept of calls. */
import type { Argv } from 'yargs';
import { TRANSCRIPT_SOURCES } from '../../recording/transcript/segment.ts';
import type { Run } from '../access/run.ts';
import { CUSTOMER, DRY_RUN, filterOptions, ID, SWITCH, VALUE, YES } from '../selection/options.ts';
import type { Io } from '../terminal/io.ts';

export function transcribe(yargs: Argv, io: Io, run: Run): Argv {
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

export function resume(yargs: Argv, io: Io, run: Run): Argv {
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

export function audit(yargs: Argv, io: Io, run: Run): Argv {
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

export function erase(yargs: Argv, io: Io, run: Run): Argv {
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
