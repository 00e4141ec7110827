/** Whoever listens while people talk: the listener, as it is deployed, beside the recorder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  LIVE_VARIABLES,
  RUN_VARIABLES,
  TRANSCRIBE_VARIABLES,
  TRANSCRIPT_VARIABLES,
} from '../../contract/variables.ts';
import { readLiveSettings } from '../../live/settings.ts';
import {
  recogniserCommand,
  recogniserEnvironment,
  whatIsMissing,
} from '../../live/sinks/recognise/own-program.ts';
import { SocketListeners } from '../../live/sinks/socket.ts';
import { readCredentials, SecretUnusable } from '../../live/sinks/websocket/server/credentials.ts';
import { readWebSocketSettings, type SecretSource } from '../../live/sinks/websocket/settings.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { FileSecret } from '../../ports/secrets/file-secret.ts';
import { fixedSecret, type Secret } from '../../ports/secrets/secret.ts';
import { RecordingError } from '../../recording/errors.ts';
import type { Recording } from '../../recording/identity.ts';
import { TRANSCRIPT_SOURCES, type TranscriptSource } from '../../recording/transcript/segment.ts';
import { listenerEnvironment, LIVE_PROGRAM } from '../system/deployment.ts';
import type { System } from '../system/system.ts';
import { InputError } from './call.ts';
import { splitErrors } from './listeners-errors.ts';

const SINKS = ['pieces', 'exec', 'socket', 'websocket', 'recognise', 'transcribe'] as const;
/** The sinks of which no more needs to be said. */
const ALONE: ReadonlySet<string> = new Set(['pieces', 'recognise', 'transcribe']);
type SinkName = (typeof SINKS)[number];
/** What each sink is told, by its name. */
export type LiveSinks = Readonly<Partial<Record<SinkName, string>>>;

/** What `websocket` is set to beside its URL, in the caller's environment. */
const PASSED_ON = [
  LIVE_VARIABLES.webSocketSecret,
  LIVE_VARIABLES.webSocketSecretFile,
  LIVE_VARIABLES.webSocketFormat,
  LIVE_VARIABLES.webSocketLanguage,
  LIVE_VARIABLES.webSocketOrganization,
  LIVE_VARIABLES.webSocketBehindSeconds,
];

const OF_WORDS = [
  LIVE_VARIABLES.mask,
  LIVE_VARIABLES.transcriptDays,
  LIVE_VARIABLES.recogniseHungSeconds,
  LIVE_VARIABLES.recogniseBehindSeconds,
  LIVE_VARIABLES.recogniseLanguageAttribute,
  LIVE_VARIABLES.recogniseAttributeLanguages,
];

/** The run itself says how fast, and where. */
const TRANSCRIBE = Object.entries(TRANSCRIBE_VARIABLES).flatMap(([key, name]) =>
  key === 'scale' || key === 'endpoint' ? [] : [name],
);

export const LIVE_LOG = 'live';
/** The task waits for its listeners for 20 s; one that is still there after that is told to leave. */
const DONE_MS = 25_000;

/** @param texts `pieces`, `exec=COMMAND`, `socket=PATH`, `websocket=URL[,DIALECT]`, `recognise`, `transcribe`. @throws InputError */
export function parseLive(texts: readonly string[]): LiveSinks {
  const sinks: Partial<Record<SinkName, string>> = {};
  for (const text of texts) {
    const [, given, , value] = /^(\w+)(=(.+))?$/s.exec(text) ?? [];
    const name = SINKS.find((one) => one === given);
    if (name === undefined || ALONE.has(name) !== (value === undefined))
      throw new InputError(
        '--live must be pieces, exec=COMMAND, socket=PATH, websocket=URL[,DIALECT], recognise or transcribe',
      );
    if (sinks[name] !== undefined) throw new InputError(`give --live ${name} once`);
    sinks[name] = value ?? '';
  }
  if (sinks.websocket !== undefined) checkWebSocket(sinks.websocket);
  return sinks;
}

/** @throws InputError */
function checkWebSocket(value: string): void {
  try {
    readWebSocketSettings(webSocketVariables(value));
  } catch (error) {
    if (error instanceof RecordingError) throw new InputError(`--live websocket: ${error.message}`);
    throw error;
  }
}

function webSocketVariables(value: string): Record<string, string> {
  const [, url = '', , dialect] = /^(.*?)(,([a-z]\w*))?$/is.exec(value) ?? [];
  return {
    ...Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name] ?? ''])),
    [LIVE_VARIABLES.webSocketUrl]: url,
    ...(dialect !== undefined && { [LIVE_VARIABLES.webSocketDialect]: dialect }),
  };
}

/** What can be found out before the call begins. @throws InputError that says what is wrong, and what to do */
export async function checkSinks(sinks: LiveSinks, recording: Recording): Promise<void> {
  const missing = sinks.recognise === undefined ? undefined : await whatIsMissing(process.env);
  if (missing !== undefined) throw new InputError(missing);
  if (Object.keys(sinks).length === 0) return;
  try {
    const settings = readLiveSettings({ ...OF_THE_RUN, ...namesOf(recording), ...sinkVariables(sinks) });
    for (const sink of settings.sinks) {
      if (sink.name === 'socket') (await SocketListeners.listen(sink.path, systemClock)).close();
      if (sink.name === 'websocket' && sink.secret) await readCredentials(secretOf(sink.secret));
    }
  } catch (error) {
    if (!(error instanceof RecordingError || error instanceof SecretUnusable)) throw error;
    throw new InputError(`--live: ${error.message}`);
  }
}

/** The run sets them itself, once its stand-ins are there. */
const OF_THE_RUN = {
  [LIVE_VARIABLES.bucket]: '-',
  [LIVE_VARIABLES.checkpointsTable]: '-',
  [LIVE_VARIABLES.callsTable]: '-',
  [LIVE_VARIABLES.transcriptsTable]: '-',
};

function namesOf({ contactId, startFragmentNumber }: Recording): Record<string, string> {
  return {
    [RUN_VARIABLES.contactId]: contactId,
    [RUN_VARIABLES.startFragmentNumber]: startFragmentNumber.toString(),
  };
}

/** On this machine nothing lies in Secrets Manager. */
function secretOf(source: SecretSource): Secret {
  if (source.from === 'file') return new FileSecret(source.path);
  return fixedSecret(source.from === 'value' ? source.value : '');
}

/** What a deployment sets, and whoever runs this may set for the run. */
function settingsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const { windowMs, pieceSeconds } = LIVE_VARIABLES;
  const names = [windowMs, pieceSeconds, ...OF_WORDS, ...TRANSCRIBE];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

function sinkVariables(sinks: LiveSinks): Record<string, string> {
  return {
    [LIVE_VARIABLES.sinks]: Object.keys(sinks).join(','),
    ...(sinks.exec !== undefined && { [LIVE_VARIABLES.exec]: sinks.exec }),
    ...settingsOf(process.env),
    ...(sinks.recognise !== undefined && { [LIVE_VARIABLES.recogniser]: recogniserCommand(process.env) }),
    ...(sinks.socket !== undefined && { [LIVE_VARIABLES.socket]: resolve(sinks.socket) }),
    ...(sinks.websocket !== undefined && webSocketVariables(sinks.websocket)),
  };
}

/** What configures programs of ours, and what npm tells those that it runs. */
const NOT_THEIRS = /^(AWS|CALLSPOOL|NODE|npm)_/;

/** What a program of the user's finds, as where they run it themselves: but for this machine's AWS and its like. */
function ownEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !NOT_THEIRS.test(name));
  // Its output goes through a pipe, into which Python would print only now and then.
  return { PYTHONUNBUFFERED: '1', ...Object.fromEntries(own) };
}

/** Whose words are preferred, where both write them down. @returns undefined where the caller says nothing that can be */
export function transcriptSource(env: NodeJS.ProcessEnv): TranscriptSource | undefined {
  return TRANSCRIPT_SOURCES.find((source) => source === env[TRANSCRIPT_VARIABLES.source]);
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

/**
 * What it logs goes where the programs' logs go, and what of that is amiss is told in words, too; what a program of the
 * user's prints goes where this one's errors go.
 */
export function startListener(
  system: System,
  recording: Recording,
  sinks: LiveSinks,
  feedSocket: string,
  variables: Readonly<Record<string, string>> = {},
): LocalListener {
  const environment = listenerEnvironment(system.endpoints, system.tables, recording, feedSocket, {
    ...sinkVariables(sinks),
    ...variables,
  });
  const child = spawn(process.execPath, [LIVE_PROGRAM], {
    env: {
      ...(sinks.exec !== undefined && ownEnvironment(process.env)),
      PATH: process.env.PATH,
      ...recogniserEnvironment(process.env),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = system.openLog(LIVE_LOG);
  child.stdout.pipe(log, { end: false });
  splitErrors(child.stderr, {
    log: (line) => log.write(`${line}\n`),
    tell: (line) => process.stderr.write(`${line}\n`),
  });
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
