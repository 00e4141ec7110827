/** A player of this machine's, and a program of the user's: both are told on their standard input. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { Environment } from '../../contract/environment.ts';
import { ListenerLeft } from '../../live/sinks/audio-sink.ts';
import { openExec } from '../../live/sinks/exec.ts';
import { pathOf, SILENT_HINT } from '../audio/play.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import { type Io, note } from '../terminal/io.ts';
import { printable } from '../terminal/terminal.ts';
import { type Outlet, OutletLeft, recordingOf } from './outlet.ts';

/** Programs that play raw samples as they come; the first that is installed is taken. macOS's own, afplay, wants a file. */
const PLAYERS: readonly {
  readonly program: string;
  readonly args: (rate: number, channels: number) => string[];
}[] = [
  {
    program: 'mpv',
    args: (rate, channels) => [
      ...['--no-video', '--really-quiet', '--demuxer=rawaudio', '--demuxer-rawaudio-format=s16le'],
      ...[`--demuxer-rawaudio-rate=${rate}`, `--demuxer-rawaudio-channels=${channels}`, '-'],
    ],
  },
  {
    program: 'play',
    args: (rate, channels) => [
      ...['-q', '-t', 'raw', '-e', 'signed-integer', '-b', '16', '-L'],
      ...['-r', String(rate), '-c', String(channels), '-'],
    ],
  },
  {
    program: 'ffplay',
    args: (rate, channels) => [
      ...['-nodisp', '-autoexit', '-loglevel', 'error', '-f', 's16le', '-ar', String(rate)],
      ...['-ch_layout', channels === 1 ? 'mono' : 'stereo', '-i', '-'],
    ],
  },
  {
    program: 'paplay',
    args: (rate, channels) => ['--raw', '--format=s16le', `--rate=${rate}`, `--channels=${channels}`],
  },
  {
    program: 'aplay',
    args: (rate, channels) => ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', String(rate), '-c', String(channels)],
  },
];

const PLAY_MS = 100;
const SAID_MAX = 500;

/** @throws CliError when there is no player */
export async function playerOutlet(io: Io): Promise<Outlet> {
  const player = await findPlayer(io.env);
  let playing: Playing | undefined;
  return {
    pieceMs: PLAY_MS,
    second: async (second) => {
      playing ??= startPlaying(player.file, player.args(second.sampleRate, second.channels), io);
      await playing.write(second.bytes());
    },
    end: async (isWhole) => {
      if (isWhole) await playing?.end();
    },
    close: () => playing?.close(),
  };
}

async function findPlayer(env: Environment) {
  for (const { program, args } of PLAYERS) {
    const file = await pathOf(program, env);
    if (file !== undefined) return { file, args };
  }
  const names = PLAYERS.map(({ program }) => (program === 'play' ? 'play (sox)' : program)).join(', ');
  throw new CliError(
    EXIT.failed,
    'no program was found that plays audio while it comes',
    `install one of ${names}; --meter shows levels, --raw pipes samples, and --wav writes files without one`,
  );
}

interface Playing {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  close(): void;
}

function startPlaying(file: string, args: readonly string[], io: Io): Playing {
  const name = basename(file);
  note(io, `playing with ${name}; Ctrl-C stops it`);
  const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-SAID_MAX);
  });
  // One that leaves closes its pipe first; how it left is what counts.
  child.stdin.on('error', () => undefined);
  const failed = (words: string) =>
    new CliError(EXIT.failed, `${name} could not play it: ${words}`, SILENT_HINT);
  const over = once(child, 'close').then(([code]: (number | null)[]) => {
    if (code !== 0) throw failed(printable(said.trim().replace(/\s+/g, ' ')));
  });
  const left = over.then(() => {
    throw failed('it left by itself');
  });
  left.catch(() => undefined);
  return {
    write: async (bytes) => {
      if (child.stdin.write(bytes)) return;
      const drained = new Promise<void>((resolve) => child.stdin.once('drain', resolve));
      await Promise.race([drained, left, aborted(io.signal)]);
    },
    end: async () => {
      child.stdin.end();
      await Promise.race([over, aborted(io.signal)]);
    },
    close: () => child.kill(),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}

const EXEC_MS = 250;

/** What it prints goes where this program's own output goes. @param command a shell's */
export function execOutlet(command: string): Outlet {
  const sink = openExec(command, { output: 1 });
  let isStarted = false;
  return {
    pieceMs: EXEC_MS,
    second: (second, heard) =>
      told(async () => {
        const { sampleRate, startFrame, startMs, samples, channels } = second;
        const originMs = startMs - (startFrame * 1_000) / sampleRate;
        if (!isStarted) await sink.start({ recording: recordingOf(heard), sampleRate, originMs, startFrame });
        isStarted = true;
        for (const gap of second.gaps) await sink.gap(gap, gap.why);
        await sink.audio(startFrame, channels === 2 ? second.bytes() : asStereo(samples));
      }),
    gap: (gap) => told(() => (gap.why === 'MOVED' ? sink.gap(gap, gap.why) : Promise.resolve())),
    late: ({ channel, startFrame, samples }) =>
      told(() =>
        sink.late(
          channel,
          startFrame,
          Uint8Array.from(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)),
        ),
      ),
    end: (isWhole) => told(() => sink.end(isWhole ? 'ended' : 'stopped')),
    close: () => {
      sink.close();
    },
  };
}

/** @throws OutletLeft where it has left by itself, in good order; CliError where it failed */
async function told(tell: () => Promise<void>): Promise<void> {
  try {
    await tell();
  } catch (error) {
    if (error instanceof ListenerLeft) throw new OutletLeft('the program has heard enough');
    throw new CliError(EXIT.failed, error instanceof Error ? error.message : 'the program failed');
  }
}

/** The protocol's audio is stereo: what is mono is the first side's. */
function asStereo(mono: Int16Array): Uint8Array {
  const stereo = new Int16Array(2 * mono.length);
  mono.forEach((sample, frame) => (stereo[2 * frame] = sample));
  return new Uint8Array(stereo.buffer);
}
