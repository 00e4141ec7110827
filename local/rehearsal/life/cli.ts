/** callspool's own command line, as an operator has it, on the rehearsed deployment. */
import { join } from 'node:path';
import { REGION } from '../../standins/environment.ts';
import { awsEnvironment } from '../stack/workspace.ts';
import { type Done, run, ToolFailure } from '../tools/process.ts';
import { PREFIX, type Rehearsal } from './rehearsal.ts';

/** Who asks: each with a policy of their own in an account. */
const OPERATOR = 'operator';
export const DOCTOR = 'doctor';

const EXIT_UNFINISHED = 4;

/** In a folder without settings. @throws ToolFailure when it ends with anything but 0, or 4 (something was found). */
export async function runCli(
  { checkout, dir, front, signal }: Rehearsal,
  args: readonly string[],
  who = OPERATOR,
): Promise<Done> {
  const place = ['--prefix', PREFIX, '--region', REGION];
  const done = await run({
    command: process.execPath,
    args: ['--import', import.meta.resolve('tsx'), join(checkout, 'cli/main.ts'), ...args, ...place],
    cwd: dir,
    env: { ...awsEnvironment(front.url, who), PATH: process.env.PATH ?? '', HOME: dir },
    log: join(dir, 'cli.log'),
    signal,
  });
  if (done.code === 0 || done.code === EXIT_UNFINISHED) return done;
  throw new ToolFailure(`callspool ${args.join(' ')} ended with ${done.code}\n${done.tail}`);
}
