/** Plays a WAV with what the machine has. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Environment } from '../../recording/environment.ts';
import { CliError, EXIT } from '../exit.ts';

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
    for (const folder of (env.PATH ?? '').split(delimiter)) {
      const file = join(folder, program);
      const runs = await access(file, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (folder !== '' && runs) return { program: file, args };
    }
  }
  throw new CliError(
    EXIT.failed,
    'no program that plays audio was found',
    `install one of ${PLAYERS.map(({ program }) => program).join(', ')}, or fetch the file and open it yourself`,
  );
}

/** Resolves when it has played to its end, or the signal has stopped it. @throws CliError when it could not */
export async function play(player: Player, file: string, signal: AbortSignal): Promise<void> {
  const child = spawn(player.program, [...player.args, file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-SAID_MAX);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  }).catch((error: unknown) => {
    if (signal.aborted) return 0;
    throw error;
  });
  if (code !== 0 && !signal.aborted) {
    throw new CliError(EXIT.failed, `${player.program} could not play the call: ${said.trim()}`);
  }
}

const SAID_MAX = 500;
