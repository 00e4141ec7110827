/** Runs one of the tools; what it writes goes into a log, and its end is told when it failed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

export interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** A file that is added to. */
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
  /** Told of each line on the standard output. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface Done {
  readonly code: number;
  readonly stdout: string;
  /** The last lines of both outputs, for whoever must know why. */
  readonly tail: string;
}

/** When a tool failed where it mustn't. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}

const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
const TAIL_LINES = 25;
const STOP_MS = 20_000;

/** Resolves however it ends. @throws when it can't be started, or was stopped by the signal. */
export async function run({ command, args, cwd, env, log, signal, onLine }: Run): Promise<Done> {
  signal?.throwIfAborted();
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => {
    stopChild(child);
  };
  signal?.addEventListener('abort', stop, { once: true });
  const out = createWriteStream(log, { flags: 'a' });
  out.write(`\n$ ${[command, ...args].join(' ')}\n`);
  let stdout = '';
  let both = '';
  const hear = (chunk: Buffer) => {
    both = (both + chunk.toString()).slice(-OUTPUT_BYTES_MAX);
    out.write(chunk);
  };
  child.stdout.on('data', (chunk: Buffer) => {
    hear(chunk);
    stdout = (stdout + chunk.toString()).slice(-OUTPUT_BYTES_MAX);
    for (const line of chunk.toString().split('\n')) if (line.trim() !== '') onLine?.(line);
  });
  child.stderr.on('data', hear);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    return { code: code ?? 1, stdout, tail: both.trimEnd().split('\n').slice(-TAIL_LINES).join('\n') };
  } finally {
    signal?.removeEventListener('abort', stop);
    out.end();
    await finished(out);
  }
}

/** Runs like {@link run}. @throws ToolFailure when it ends with anything but 0. */
export async function mustRun(options: Run): Promise<Done> {
  const done = await run(options);
  if (done.code === 0) return done;
  const what = [options.command, ...options.args].join(' ');
  throw new ToolFailure(`${what} ended with ${done.code}; all of it is in ${options.log}\n${done.tail}`);
}

/** Terraform leaves its state in order when it is asked, so it is given time. */
export function stopChild(child: ChildProcess): void {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  child.once('exit', () => {
    clearTimeout(timer);
  });
}
