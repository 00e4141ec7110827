/** Plays a WAV with what the machine has. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import type { Environment } from '../../contract/environment.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import { type Io, note } from '../terminal/io.ts';
import { lengthOf, printable, seconds } from '../terminal/terminal.ts';

/** The first that is installed is taken. */
const PLAYERS: readonly { readonly program: string; readonly args: readonly string[] }[] = [
  { program: 'afplay', args: [] },
  { program: 'ffplay', args: ['-nodisp', '-autoexit', '-loglevel', 'error'] },
  { program: 'mpv', args: ['--no-video', '--really-quiet'] },
  { program: 'play', args: ['-q'] },
  { program: 'pw-play', args: [] },
  { program: 'paplay', args: [] },
  { program: 'aplay', args: ['-q'] },
];

export interface Player {
  readonly program: string;
  readonly args: readonly string[];
}

/** @throws CliError when there is none */
export async function findPlayer(env: Environment): Promise<Player> {
  for (const { program, args } of PLAYERS) {
    const file = await pathOf(program, env);
    if (file !== undefined) return { program: file, args };
  }
  throw new CliError(
    EXIT.failed,
    'no program that plays audio was found',
    `install one of ${PLAYERS.map(({ program }) => program).join(', ')}, or fetch the file and open it yourself`,
  );
}

/** Where a program is installed; undefined where it isn't. */
export async function pathOf(program: string, env: Environment): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const file = join(folder, program);
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && runs) return file;
  }
  return undefined;
}

export interface Played {
  readonly file: string;
  readonly lengthMs: number;
}

/**
 * Resolves when it has played to its end, or the signal has stopped it.
 * @throws CliError when it could not: some players say nothing where there is no sound device, and end at once
 */
export async function play(player: Player, { file, lengthMs }: Played, io: Io): Promise<void> {
  const name = basename(player.program);
  note(io, `playing ${lengthOf(lengthMs)} with ${name}; Ctrl-C stops it`);
  const startedAtMs = io.clock.now();
  const { code, said } = await run(player, file, io.signal);
  if (io.signal.aborted) return;
  if (code !== 0) throw new CliError(EXIT.failed, `${name} could not play the call: ${said}`, SILENT_HINT);
  const tookMs = io.clock.now() - startedAtMs;
  if (tookMs < lengthMs / 2) {
    const words = said === '' ? 'and said nothing' : `and said: ${said}`;
    throw new CliError(
      EXIT.failed,
      `${name} ended after ${seconds(tookMs)} of ${lengthOf(lengthMs)}, ${words}`,
      SILENT_HINT,
    );
  }
  if (said !== '') note(io, `${name}: ${said}`);
}

export const SILENT_HINT =
  'is there a sound device, and is it free? Where there is none (over SSH, say), fetch the file and play it elsewhere';

interface Ended {
  readonly code: number | null;
  /** The last of it, without what moves a cursor. */
  readonly said: string;
}

async function run(player: Player, file: string, signal: AbortSignal): Promise<Ended> {
  const child = spawn(player.program, [...player.args, file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = lastOf(said + chunk.toString());
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  }).catch((error: unknown) => {
    if (signal.aborted) return 0;
    throw error;
  });
  return { code, said: printable(said.trim().replace(/\s+/g, ' ')) };
}

const SAID_MAX = 500;

/** The last words of a text, the first of them whole. */
function lastOf(text: string): string {
  return text.length <= SAID_MAX ? text : text.slice(-SAID_MAX).replace(/^\S*\s/, '… ');
}
