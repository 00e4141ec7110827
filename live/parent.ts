/**
 * Runs the listener, and runs it again when it dies: ECS restarts no container that has run for less than a minute. Keeps
 * for it where it could go on.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { LIVE_METRICS } from '../contract/metrics.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';

/** Set for the program that listens; without it, it is the parent. */
export const CHILD_VARIABLE = 'CALLSPOOL_LIVE_CHILD';
const WAIT_MS = { first: 200, most: 30_000 };
/** One that ran for so long is begun anew at once. */
const STEADY_MS = 60_000;

/** A child's message: where a sink's listener could go on. */
export interface StateMessage {
  readonly sink: string;
  readonly state: string;
}

function isStateMessage(message: unknown): message is StateMessage {
  if (typeof message !== 'object' || message === null) return false;
  return (
    'sink' in message &&
    typeof message.sink === 'string' &&
    'state' in message &&
    typeof message.state === 'string'
  );
}

export interface ParentOptions {
  /** The program's file: this one. */
  readonly program: string;
  /** Exit codes after which it isn't run again. */
  readonly final: readonly number[];
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'publish' | 'warn'>;
  readonly signal: AbortSignal;
}

/** @returns the exit code of the last one */
export async function runAgainAndAgain(options: ParentOptions): Promise<number> {
  const { clock, telemetry, signal, final } = options;
  const told: Record<string, string> = {};
  telemetry.publish([[LIVE_METRICS.listeners, 1]]);
  let code = 1;
  // Told to leave while it waits, it begins none: nobody would tell that one.
  for (let waitMs = WAIT_MS.first; !signal.aborted; waitMs = Math.min(2 * waitMs, WAIT_MS.most)) {
    const sinceMs = clock.now();
    code = await runOnce(options, told);
    if (final.includes(code) || isOver(signal)) return code;
    if (clock.now() - sinceMs > STEADY_MS) waitMs = WAIT_MS.first;
    telemetry.publish([[LIVE_METRICS.restarts, 1]]);
    telemetry.warn('the listener died; it goes on where it was', { code, waitMs });
    await clock.sleep(waitMs, signal);
  }
  return code;
}

/** Now, and not when it was last asked. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

function runOnce({ program, signal }: ParentOptions, told: Record<string, string>): Promise<number> {
  const child: ChildProcess = fork(program, [], {
    env: { ...process.env, [CHILD_VARIABLE]: JSON.stringify(told) },
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  child.on('message', (message) => {
    if (isStateMessage(message)) told[message.sink] = message.state;
  });
  return new Promise((resolve) => {
    const over = (code: number) => {
      signal.removeEventListener('abort', stop);
      resolve(code);
    };
    child.once('error', () => {
      over(1);
    });
    child.once('exit', (code) => {
      over(code ?? 1);
    });
  });
}
