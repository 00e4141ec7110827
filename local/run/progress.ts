/** Shows how far a run is: a live line on a terminal, plain lines elsewhere, not more than one a second. */
import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import type { RunProgress } from './run-call.ts';

export interface ProgressState extends RunProgress {
  readonly phase: 'starting' | 'recording' | 'assembling';
  /** How often Step Functions has tried a state again. */
  readonly retries: number;
}

export interface ProgressDisplay {
  show(state: ProgressState): void;
  /** Nothing is shown any more. */
  stop(): void;
}

const PLAIN_LINE_MS = 1_000;
const BAR_CELLS = 24;

/** @param now epoch ms */
export function newProgressDisplay(out: WriteStream, now = Date.now): ProgressDisplay {
  return out.isTTY ? terminalDisplay(out) : plainDisplay((line) => out.write(`${line}\n`), now);
}

function terminalDisplay(out: WriteStream): ProgressDisplay {
  const log = createLogUpdate(out);
  return {
    show: (state) => {
      log(`${bar(state)} ${progressLine(state)}`);
    },
    stop: () => {
      log.done();
    },
  };
}

/** A line too soon after the last one is left out: there is always a next one, or the summary. */
export function plainDisplay(write: (line: string) => void, now: () => number): ProgressDisplay {
  let stopped = false;
  let lastLine = '';
  let lastAtMs = -Infinity;
  return {
    show: (state) => {
      const line = progressLine(state);
      if (stopped || line === lastLine || now() - lastAtMs < PLAIN_LINE_MS) return;
      lastLine = line;
      lastAtMs = now();
      write(line);
    },
    stop: () => {
      stopped = true;
    },
  };
}

/** `recording 20.4 s of 31.0 s, 10.6 s behind, 2 segments, attempt 1` */
export function progressLine(state: ProgressState): string {
  const { counters, phase, attempt, retries, totalMs, availableMs } = state;
  const behindMs = Math.max(0, availableMs - counters.mediaMs);
  return [
    `${phase} ${seconds(counters.mediaMs)} of ${seconds(totalMs)}`,
    `${seconds(behindMs)} behind`,
    count(counters.segments, 'segment'),
    `attempt ${String(attempt)}`,
    ...(retries > 0 ? [count(retries, 'retry', 'retries')] : []),
    ...(counters.reopenings > 0 ? [count(counters.reopenings, 'reopening')] : []),
  ].join(', ');
}

function bar({ counters, totalMs }: ProgressState): string {
  const done = totalMs === 0 ? 1 : Math.min(1, counters.mediaMs / totalMs);
  const cells = Math.round(done * BAR_CELLS);
  return '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${String(number)} ${number === 1 ? one : many}`;
}
