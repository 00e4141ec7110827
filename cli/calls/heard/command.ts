/** `callspool calls heard`: its options. */
import type { Argv } from 'yargs';
import type { Run } from '../../access/run.ts';
import { ID, SWITCH, VALUE } from '../../selection/options.ts';
import type { Io } from '../../terminal/io.ts';
import { TIME_ZONE } from '../../terminal/time-zone.ts';

export function heard(yargs: Argv, io: Io, run: Run): Argv {
  return yargs.command(
    'heard <id>',
    'Who has fetched a recording, and when, by S3’s access logs (the setting accessLogs)',
    (parser) =>
      parser
        .positional('id', ID)
        .option('since', {
          ...VALUE,
          describe: 'Fetched within 15m, 2h, 3d, 1w',
          defaultDescription: 'since the call began',
        })
        .option('all', {
          ...SWITCH,
          describe: 'Everything that was asked of its objects, by the deployment’s own programs too',
        })
        .option('json', { ...SWITCH, describe: 'For programs: one array; times in UTC' })
        .option('time-zone', TIME_ZONE)
        .example('$0 calls heard CONTACT --since 4w', 'who, when, what, from where'),
    (args) =>
      run(args, async (access, deployment) => {
        const { heardCall } = await import('./heard.ts');
        return heardCall(access, io, args, deployment);
      }),
  );
}
