import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import yargs, { type CommandModule } from 'yargs';
import { doctorCommand } from '../../../cli/doctor/command.ts';
import { inspectCommand } from '../../../cli/inspect/command.ts';
import { reportCommand } from '../../../cli/report/command.ts';
import { EXIT, type ExitCode } from '../../../cli/terminal/exit.ts';
import type { Io } from '../../../cli/terminal/io.ts';
import { ioForTest } from '../../support/io.ts';
import { call, documentsOf } from '../../support/kinesis.ts';

type NewCommand = (io: Io, onExit: (code: ExitCode) => void) => CommandModule;

async function run(command: NewCommand, argv: readonly string[], options: Partial<Io> = {}) {
  const io = ioForTest(options);
  let code: ExitCode | undefined;
  await yargs()
    .option('local', { type: 'string' })
    .command(
      command(io, (exitCode) => {
        code = exitCode;
      }),
    )
    .strict()
    .exitProcess(false)
    .fail(false)
    .parseAsync([...argv]);
  return { code, ...io.said };
}

it('each command takes its options, and hands its exit code over', async () => {
  const stdin = Readable.from([documentsOf(call(2))]);
  const inspected = await run(inspectCommand, ['inspect', '-', '--summary', '--limit', '1'], { stdin });
  expect(inspected.code).toBe(EXIT.ok);
  expect(inspected.out).toContain('fragments            1: all whole');

  const wrong = await run(inspectCommand, ['inspect', '-', '--depth', 'deep']);
  expect(wrong).toMatchObject({ code: EXIT.usage, out: '' });
  expect(wrong.err).toContain('--depth: give a whole number from 0 to 100');

  const nowhere = await run(reportCommand, ['report', 'ID', '--local', '/nowhere']);
  expect(nowhere).toMatchObject({ code: EXIT.usage, out: '' });
  expect(nowhere.err).toContain('/nowhere is not the folder of a local run');

  // Before anything is asked of AWS: nobody has named a region.
  const hours = await run(doctorCommand, ['doctor', '--hours', '0'], { env: { AWS_REGION: 'eu-west-2' } });
  expect(hours.code).toBe(EXIT.usage);
  expect(hours.err).toContain('--hours: give a number from 1 to 744');
});
