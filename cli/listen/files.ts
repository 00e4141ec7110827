/** Samples on standard output, and a WAV a second in a folder. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { wavHeader } from '../../recording/audio/format/wav/header.ts';
import { PRIVATE_FILE } from '../files/whole-file.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import { type Io, note, print, writeBytes } from '../terminal/io.ts';
import type { Outlet } from './outlet.ts';

/** Small, so that little time goes by until they are heard. */
const RAW_MS = 100;
const SIDES = ['customer', 'agent'] as const;

/** @throws CliError where a terminal would be written to */
export function rawOutlet(io: Io): Outlet {
  if (io.stdout.isTTY === true)
    throw new CliError(
      EXIT.usage,
      'audio is nothing for a terminal to show',
      'pipe it into a program: callspool listen … --raw | python3 meter.py',
    );
  let isBegun = false;
  return {
    pieceMs: RAW_MS,
    second: async (second) => {
      const { sampleRate, channels } = second;
      if (!isBegun) note(io, `(16-bit little-endian samples, ${sampleRate} Hz, ${channels} interleaved)`);
      isBegun = true;
      await writeBytes(io.stdout, second.bytes());
    },
    end: () => Promise.resolve(),
  };
}

/** Named by their first frames, as `pieces` names them; each is there when it is whole. */
export async function wavOutlet(io: Io, folder: string): Promise<Outlet> {
  const dir = resolve(io.cwd, folder);
  await mkdir(dir, { recursive: true });
  const write = async (name: string, wav: Uint8Array) => {
    const file = join(dir, name);
    await writeFile(`${file}.part`, wav, { mode: PRIVATE_FILE });
    await rename(`${file}.part`, file);
    print(io, file);
  };
  return {
    pieceMs: 1_000,
    second: (second) => write(`${frame(second.startFrame)}.wav`, second.wav()),
    late: ({ channel, startFrame, sampleRate, samples }) => {
      const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
      const wav = Buffer.concat([wavHeader(sampleRate, samples.length, 1), bytes]);
      return write(`${frame(startFrame)}-${SIDES[channel]}-late.wav`, wav);
    },
    end: () => Promise.resolve(),
  };
}

function frame(startFrame: number): string {
  return startFrame.toString().padStart(12, '0');
}
