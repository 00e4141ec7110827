/** Whoever listens while people talk: the listener, as it is deployed, beside the recorder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import {
  recogniserCommand,
  recogniserEnvironment,
  whatIsMissing,
} from '../../live/sinks/recognise/own-program.ts';
import type { Recording } from '../../recording/identity.ts';
import { LIVE_PROGRAM, listenerEnvironment } from '../system/deployment.ts';
import type { System } from '../system/system.ts';
import { InputError } from './call.ts';

/** What each sink is told, by its name. */
export type LiveSinks = Readonly<Partial<Record<SinkName, string>>>;

type SinkName = 'pieces' | 'exec' | 'socket' | 'recognise';

/** The task waits for its listeners for 20 s; one that is still there after that is told to leave. */
const DONE_MS = 25_000;

/** @param texts `pieces`, `exec=COMMAND`, `socket=PATH`, `recognise`. @throws InputError */
export function parseLive(texts: readonly string[]): LiveSinks {
  const sinks: Partial<Record<SinkName, string>> = {};
  for (const text of texts) {
    const [, name, , value] = /^(pieces|exec|socket|recognise)(=(.+))?$/s.exec(text) ?? [];
    const isAlone = name === 'pieces' || name === 'recognise';
    const isKnown = isAlone || name === 'exec' || name === 'socket';
    if (!isKnown || isAlone !== (value === undefined))
      throw new InputError('--live must be pieces, exec=COMMAND, socket=PATH or recognise');
    if (sinks[name] !== undefined) throw new InputError(`give --live ${name} once`);
    sinks[name] = value ?? '';
  }
  return sinks;
}

/** @throws InputError that says how to get what isn't there */
export async function checkSinks({ recognise }: LiveSinks): Promise<void> {
  const missing = recognise === undefined ? undefined : await whatIsMissing(process.env);
  if (missing !== undefined) throw new InputError(missing);
}

/** What a deployment sets for words, and whoever runs this may set for the run. */
function settingsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const { mask, transcriptDays, recogniseHungSeconds, recogniseBehindSeconds } = LIVE_VARIABLES;
  const names = [mask, transcriptDays, recogniseHungSeconds, recogniseBehindSeconds];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

export interface LocalFeed {
  readonly socket: string;
  remove(): Promise<void>;
}

/** In a folder of its own: a Unix socket's path must be short. @returns undefined where nobody listens */
export async function feedFor(sinks: LiveSinks): Promise<LocalFeed | undefined> {
  if (Object.keys(sinks).length === 0) return undefined;
  const dir = await mkdtemp(join(tmpdir(), 'callspool-'));
  return { socket: join(dir, 'feed.sock'), remove: () => rm(dir, { recursive: true, force: true }) };
}

export interface LocalListener {
  readonly pid: number;
  /** Resolves when it has given all. @returns its exit code */
  done(): Promise<number>;
}

/** What it logs goes where the programs' logs go; what a program of the user's prints, where this one's errors go. */
export function startListener(
  system: System,
  recording: Recording,
  sinks: LiveSinks,
  feedSocket: string,
): LocalListener {
  const environment = listenerEnvironment(system.endpoints, system.tables, recording, feedSocket, {
    [LIVE_VARIABLES.sinks]: Object.keys(sinks).join(','),
    ...(sinks.exec !== undefined && { [LIVE_VARIABLES.exec]: sinks.exec }),
    ...settingsOf(process.env),
    ...(sinks.recognise !== undefined && { [LIVE_VARIABLES.recogniser]: recogniserCommand(process.env) }),
    ...(sinks.socket !== undefined && { [LIVE_VARIABLES.socket]: resolve(sinks.socket) }),
  });
  const child = spawn(process.execPath, [LIVE_PROGRAM], {
    env: { PATH: process.env.PATH, ...recogniserEnvironment(process.env), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.pipe(system.openLog('live'), { end: false });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const exited = once(child, 'exit').finally(() => {
    process.removeListener('exit', end);
  });
  exited.catch(() => undefined);
  return { pid: child.pid ?? 0, done: () => leave(child, exited) };
}

async function leave(child: ChildProcess, exited: Promise<unknown>): Promise<number> {
  const timer = setTimeout(() => child.kill('SIGTERM'), DONE_MS);
  await exited;
  clearTimeout(timer);
  return child.exitCode ?? 1;
}
