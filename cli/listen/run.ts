/** What is to be heard, and where it goes. */
import { partsOfStreamArn } from '../../recording/arn.ts';
import type { Deployment } from '../access/deployment.ts';
import { deploymentOf } from '../access/deployment.ts';
import { fail, runCommand, sayWhich } from '../access/run.ts';
import { oneCall } from '../selection/identify.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import type { ListenArguments } from './command.ts';
import { type Outlet, OutletLeft } from './outlet.ts';

export async function runListen(io: Io, given: unknown, args: ListenArguments): Promise<ExitCode> {
  let deployment: Deployment | undefined;
  try {
    deployment = deploymentOf(given, io.env, io.cwd);
    if (isStream(args.target, deployment)) {
      // An ARN says itself where it is.
      if (partsOfStreamArn(args.target) === undefined) sayWhich(io, deployment);
      return await hearStream(io, args, deployment);
    }
  } catch (error) {
    return fail(io, error, deployment);
  }
  return runCommand(io, given, async (access, { kind }) => {
    if (args.contact !== undefined) throw new CliError(EXIT.usage, '--contact goes with a stream');
    const call = await oneCall(access, args.target);
    return through(io, args, async (outlet) => {
      const { hearCall, hearCallsStream } = await import('./call.ts');
      const isLocal = kind === 'local';
      if (!args.stream) return hearCall(access, io, call, outlet, { from: args.from, hasStream: !isLocal });
      if (isLocal)
        throw new CliError(
          EXIT.usage,
          'a local run’s stream is its own',
          'leave out --stream: its tape is heard',
        );
      return hearCallsStream(io, call, outlet, args.from, deployment);
    });
  });
}

/** Connect's contact ids are UUIDs; a local run's calls may be called anything. */
const CALL = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:_[0-9a-z]{1,40})?$/i;

function isStream(target: string, { kind }: Deployment): boolean {
  return partsOfStreamArn(target) !== undefined || (kind === 'aws' && !CALL.test(target));
}

async function hearStream(io: Io, args: ListenArguments, deployment: Deployment): Promise<ExitCode> {
  const { hearNamedStream } = await import('./stream.ts');
  return through(io, args, (outlet) => hearNamedStream(io, args, outlet, deployment));
}

/** Whoever listens may have heard enough: that is no failure. */
async function through(
  io: Io,
  args: ListenArguments,
  hear: (outlet: Outlet) => Promise<ExitCode>,
): Promise<ExitCode> {
  const outlet = await outletOf(io, args);
  try {
    const code = await hear(outlet);
    await outlet.end(!io.signal.aborted);
    return code;
  } catch (error) {
    if (error instanceof OutletLeft) return EXIT.ok;
    throw error;
  } finally {
    outlet.close?.();
  }
}

async function outletOf(io: Io, { meter, raw, wav, exec }: ListenArguments): Promise<Outlet> {
  if (meter) return (await import('./meter.ts')).meterOutlet(io);
  if (raw) return (await import('./files.ts')).rawOutlet(io);
  if (wav !== undefined) return (await import('./files.ts')).wavOutlet(io, wav);
  if (exec !== undefined) return (await import('./programs.ts')).execOutlet(exec);
  return (await import('./programs.ts')).playerOutlet(io);
}
