/** Runs one command on what the options name: opens it, closes it, and turns every error into a word and a remedy. */
import { COMMAND_VARIABLES } from '../../contract/variables.ts';
import { DamagedItem } from '../../ports/table/item.ts';
import { NotResumed, type NotResumedKind } from '../../resuming/errors.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note, paintOf } from '../terminal/io.ts';
import type { Access } from './access.ts';
import { explain } from './aws-errors.ts';
import { DEFAULT_LOCAL, type Deployment, deploymentOf } from './deployment.ts';
import { explainFile } from './file-errors.ts';
import { openAccess } from './open.ts';

/** @returns the exit code */
export type Command = (access: Access, deployment: Deployment) => Promise<ExitCode>;

export async function runCommand(io: Io, args: unknown, command: Command): Promise<ExitCode> {
  let deployment: Deployment | undefined;
  try {
    deployment = deploymentOf(args, io.env, io.cwd);
    sayWhich(io, deployment);
    const access = await openAccess(deployment);
    try {
      return await command(access, deployment);
    } finally {
      access.close();
    }
  } catch (error) {
    return fail(io, error, deployment);
  }
}

/** What is looked at, where it was chosen and not named. */
export function sayWhich(io: Io, deployment: Deployment): void {
  if (deployment.kind === 'local') {
    if (!deployment.byDefault) return;
    note(io, `(the local run in ${deployment.dir}; --prefix, --region or --profile name a deployment)`);
  } else if (deployment.passedOver !== undefined) {
    const { prefix, region, passedOver } = deployment;
    const place = region === undefined ? '' : ` in ${region}`;
    note(
      io,
      `(deployment ${prefix}${place}, since ${nameOf(passedOver.because)}; ` +
        `the local run in ./${DEFAULT_LOCAL} is looked at with --local ${DEFAULT_LOCAL})`,
    );
  }
}

function nameOf(because: string): string {
  return because === 'cdktf.json' ? 'cdktf.json names one' : `${because} is set`;
}

/** Says what went wrong, on standard error. */
export function fail(io: Io, error: unknown, deployment?: Deployment): ExitCode {
  if (io.signal.aborted) {
    note(io, 'interrupted');
    return EXIT.failed;
  }
  const known = knownError(error);
  const explained =
    known ??
    explain(rootOf(error), deployment?.kind === 'aws' ? deployment : undefined) ??
    explainFile(error) ??
    unexpected(error);
  const paint = paintOf(io, 'stderr');
  note(io, `${paint('red', 'callspool:')} ${explained.message}`);
  if (explained.hint !== undefined) note(io, `  ${explained.hint}`);
  if (known === undefined && io.env[COMMAND_VARIABLES.debug] && error instanceof Error)
    note(io, error.stack ?? '');
  return known?.exitCode ?? EXIT.failed;
}

function knownError(error: unknown): CliError | undefined {
  if (error instanceof NotResumed) return new CliError(NOT_RESUMED[error.kind], error.message, error.hint);
  return error instanceof CliError ? error : undefined;
}

const NOT_RESUMED: Readonly<Record<NotResumedKind, ExitCode>> = {
  gone: EXIT.notFound,
  foreign: EXIT.usage,
  exhausted: EXIT.failed,
  contended: EXIT.failed,
};

/** Errors of our ports carry AWS's as their cause. */
function rootOf(error: unknown): unknown {
  let root = error;
  for (let depth = 0; depth < 5 && root instanceof Error && root.cause instanceof Error; depth += 1)
    root = root.cause;
  return root;
}

function unexpected(error: unknown): { readonly message: string; readonly hint?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  // It says by itself what to do.
  if (error instanceof DamagedItem) return { message: error.message };
  const described = error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
  return { message: described, hint: `${COMMAND_VARIABLES.debug}=1 shows where` };
}

/** Runs a command on what its options name. */
export type Run = (args: unknown, command: Command) => Promise<void>;
