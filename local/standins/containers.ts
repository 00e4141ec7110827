/** The containers of a task, as Amazon ECS's stand-in runs them: each is a process, configured by its environment alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIVE_SOCKETS } from '../../contract/names.ts';

export interface Container {
  readonly containerName: string;
  /** The file that the image runs. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stopTimeoutMs: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Running {
  readonly pid: number;
  readonly running: () => boolean;
  /** How it left, once it has. */
  readonly exited: Promise<Exit>;
  /** `SIGSTOP`, `SIGCONT`: what it survives. */
  send(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/**
 * A container's standard input is a pipe from this process, which the system closes however this process ends:
 * then the container ends, too. It would look for its services for hours otherwise.
 */
const LEASH = 'data:text/javascript,process.stdin.on("end",()=>process.exit(137)).resume().unref()';

export function startContainer(
  { program, environment }: Container,
  overrides: Readonly<Record<string, string>>,
  log: NodeJS.WritableStream,
): Running {
  const child = spawn(process.execPath, ['--import', LEASH, program], {
    env: { ...environment, ...overrides },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  return runningOf(child);
}

function runningOf(child: ChildProcess): Running {
  const running = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  const exited = exit(child);
  // Whoever runs the task hears of it; others may not ask.
  exited.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    running,
    exited,
    send: (signal) => {
      child.kill(signal);
    },
    kill: async (signal) => {
      if (!running()) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}

/** Resolves when the process is gone and everything that it wrote has been read. */
function exit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
      resolve({ code, signal });
    });
  });
}

/** SIGTERM, and SIGKILL when it is still there after its time. */
export async function stopContainer(container: Running, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => void container.kill('SIGKILL'), timeoutMs);
  await container.kill('SIGTERM');
  clearTimeout(timer);
}

export function exitCodeOf({ code, signal }: Exit): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

export interface Volume {
  /** The environment of a container to which it is mounted. */
  mounted(environment: Readonly<Record<string, string>>): Record<string, string>;
  remove(): Promise<void>;
}

/** What the containers of a task share is a folder of this machine: here no two tasks have the same. */
export async function makeVolume(): Promise<Volume> {
  const folder = await mkdtemp(join(tmpdir(), 'callspool-run-'));
  return {
    mounted: (environment) =>
      Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [
          name,
          value.startsWith(`${LIVE_SOCKETS.folder}/`)
            ? join(folder, value.slice(LIVE_SOCKETS.folder.length))
            : value,
        ]),
      ),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
