/** The command line, run in this process, as a user types it. */
import { runCli } from '../../cli/cli.ts';
import type { Io } from '../../cli/terminal/io.ts';
import type { System } from '../../local/system/system.ts';
import { ioForTest } from './io.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function callspool(args: readonly string[], io: Partial<Io> = {}): Promise<Ran> {
  const spoken = ioForTest(io);
  const code = await runCli(args, spoken);
  return { code, ...spoken.said };
}

/** The environment that leads a command to stand-ins; the SDK reads it from the process's own. */
export function environmentOf(
  system: Pick<System, 'endpoints' | 'tables' | 'bucket'>,
): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    ...Object.fromEntries(
      Object.entries(system.endpoints).map(([name, url]) => [`AWS_ENDPOINT_URL_${name}`, url]),
    ),
    CALLSPOOL_CALLS_TABLE: system.tables.calls,
    CALLSPOOL_CHECKPOINTS_TABLE: system.tables.checkpoints,
    CALLSPOOL_BUCKET: system.bucket,
  };
}
