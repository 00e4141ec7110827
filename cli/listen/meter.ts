/** Both sides' levels, on one line of a terminal, however narrow, or a line a second. */
import { stripVTControlCharacters } from 'node:util';
import type { Second } from '../../library/live.ts';
import { type Io, paintOf, print, safe } from '../terminal/io.ts';
import { clock, seconds } from '../terminal/terminal.ts';
import type { Heard, Outlet } from './outlet.ts';

const FULL_SCALE = 32_768;
const SILENT_DB = -60;
const BAR = 20;
const CLEAR_LINE = '\r\u001b[2K';
const PIECE_MS = { terminal: 250, lines: 1_000 } as const;

/** Shows nothing sooner than it was said after what came before: a tape brings many seconds at once. */
export function meterOutlet(io: Io): Outlet {
  const isTerminal = io.stdout.isTTY === true;
  let dueMs: number | undefined;
  return {
    pieceMs: isTerminal ? PIECE_MS.terminal : PIECE_MS.lines,
    second: async (second, heard) => {
      const lengthMs = (second.frames * 1_000) / second.sampleRate;
      const nowMs = io.clock.now();
      dueMs ??= nowMs;
      // One that is late already isn't made later, nor is the time made up for.
      if (dueMs > nowMs) await io.clock.sleep(dueMs - nowMs, io.signal);
      else dueMs = nowMs;
      dueMs += lengthMs;
      if (isTerminal) io.stdout.write(CLEAR_LINE + safe(io, fittingLine(second, heard, io)));
      else print(io, meterLine(second, heard, io, BAR));
    },
    end: () => {
      if (isTerminal && dueMs !== undefined) io.stdout.write('\n');
      return Promise.resolve();
    },
  };
}

/** What takes more than one row can't be written over: bars are as long as there is room, and the rest is cut. */
function fittingLine(second: Second, heard: Heard, io: Io): string {
  // A terminal may wrap what fills its last column.
  const room = (io.stdout.columns ?? Infinity) - 1;
  for (let bar = BAR; bar >= 0; bar -= 1) {
    const line = meterLine(second, heard, io, bar);
    if (stripVTControlCharacters(line).length <= room) return line;
  }
  return stripVTControlCharacters(meterLine(second, heard, io, 0)).slice(0, Math.max(0, room));
}

/** `0:12  customer ######              -18 dB  agent                      silent  9.2 s ago` @param width of a bar */
function meterLine(second: Second, { goesOn }: Heard, io: Io, width: number): string {
  const paint = paintOf(io);
  const names = second.channels === 2 ? ['customer', 'agent'] : ['level'];
  const levels = names.map((name, channel) => {
    const gap = second.gaps.find((one) => one.channel === channel);
    const db = levelOf(second.side(channel === 0 ? 0 : 1));
    const filled = Math.round((width * (Math.max(db, SILENT_DB) - SILENT_DB)) / -SILENT_DB);
    const bar = paint(db > -6 ? 'yellow' : 'green', '#'.repeat(filled)) + ' '.repeat(width - filled);
    const level = db > SILENT_DB ? `${db.toFixed(0)} dB` : gap ? 'nothing came' : 'silent';
    return `${name} ${bar} ${level.padStart(7)}`;
  });
  const atMs = (second.startFrame * 1_000) / second.sampleRate;
  const agoMs = io.clock.now() - second.startMs;
  return [clock(atMs), ...levels, ...(goesOn ? [`${seconds(Math.max(0, agoMs))} ago`] : [])].join('  ');
}

/** The peak of some audio, in dB of full scale. */
function levelOf(samples: Int16Array): number {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return peak === 0 ? -Infinity : 20 * Math.log10(peak / FULL_SCALE);
}
