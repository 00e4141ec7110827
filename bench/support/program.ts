/** Programs to measure, each in a process of its own: built once, run, and asked what they took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import * as v from 'valibot';
import { childrenOf } from './processes.ts';

export const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, 'node_modules/.cache/bench');

interface BuildSettings {
  readonly external?: string[];
  /** Keeps the names of functions, and says of each piece which file it is of: for a profile. */
  readonly named?: boolean;
}

/**
 * Bundles a program as the product's are bundled.
 * @param source a file of this room; with `../`, of another. @returns the program's file
 */
export async function buildProgram(
  source: string,
  { external = [], named = false }: BuildSettings = {},
): Promise<string> {
  const name = source.replaceAll(/[./]+/g, '-').replace(/-ts$/, named ? '-named.mjs' : '.mjs');
  const outfile = join(BUILT, name);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join('bench', source)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: !named,
    external,
    banner: {
      js: "import { createRequire as benchCreateRequire } from 'node:module'; const require = benchCreateRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}

const usage = v.object({
  userCPUTime: v.number(),
  systemCPUTime: v.number(),
  maxRSS: v.number(),
});

export interface Usage {
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

export interface Finished extends Usage {
  readonly exitCode: number | null;
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Tells on descriptor 3 what the process took, however it leaves. Linux's `maxRSS` never is less than what the parent
 * held when it forked, since exec keeps it: `VmHWM` is of this program alone.
 */
const METER =
  'data:text/javascript,import{readFileSync,writeSync}from"node:fs";process.on("exit",()=>{const u=process.resourceUsage();' +
  'try{u.maxRSS=parseInt(readFileSync("/proc/self/status","latin1").split("VmHWM:")[1])||u.maxRSS}catch{}' +
  'writeSync(3,JSON.stringify(u))})';

/** They end with this process. */
const running = new Set<() => void>();
process.once('exit', () => {
  for (const kill of running) kill();
});

export interface Run {
  readonly finished: Promise<Finished>;
  readonly pid: number;
  readonly startedAtMs: number;
  /** Processes that it has started itself, as /proc tells. */
  children(): number[];
  kill(): void;
}

export interface RunOptions {
  /** Node's own. */
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program under this Node. It ends with this process. */
export function runProgram(program: string, options: RunOptions = {}): Run {
  const startedAtMs = performance.now();
  const { nodeArgs = [], args = [] } = options;
  const child = spawn(process.execPath, [...nodeArgs, '--import', METER, program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: options.env ?? { PATH: process.env.PATH ?? '' },
  });
  const [stdin, stdout, stderr, meter] = child.stdio;
  stdin.end();
  const kill = () => {
    child.kill('SIGKILL');
  };
  running.add(kill);
  const finished = (async () => {
    const [out, error, told] = await Promise.all([stdout, stderr, meter].map(textOf));
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    running.delete(kill);
    const seconds = (performance.now() - startedAtMs) / 1000;
    if (!told) throw new Error(`a measured program left without a word: ${String(error).slice(-2000)}`);
    return { ...usageOf(told), exitCode: child.exitCode, seconds, stdout: out ?? '', stderr: error ?? '' };
  })();
  const pid = child.pid ?? 0;
  return { finished, pid, startedAtMs, children: () => childrenOf(pid), kill };
}

function textOf(stream: unknown): Promise<string> {
  return stream instanceof Readable ? text(stream) : Promise.resolve('');
}

function usageOf(told: string): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = v.parse(usage, JSON.parse(told));
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMb: maxRSS / 1024 };
}

/** CPU time and wall time of any command, by the shell's own `time`. @returns undefined where there is no such program */
export async function timeCommand(
  command: readonly string[],
): Promise<{ readonly cpuSeconds: number; readonly seconds: number } | undefined> {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1', 'bash', ...command]);
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  if (child.exitCode === 127) return undefined;
  const [seconds = NaN, user = NaN, system = NaN] = (stderr.trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number);
  if (child.exitCode !== 0) throw new Error(`${command.join(' ')} failed with ${String(child.exitCode)}`);
  return { seconds, cpuSeconds: user + system };
}
