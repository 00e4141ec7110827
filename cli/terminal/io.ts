/** What a command speaks through, so that tests can listen. */
import type { Readable } from 'node:stream';
import type { Environment } from '../../contract/environment.ts';
import { type Clock, systemClock } from '../../ports/runtime/clock.ts';
import { harmless, jsonText, type Paint, paintFor, PLAIN } from './terminal.ts';

/** A standard stream: a terminal's, a pipe's, a test's. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** @returns false when the next write should wait for `drain`. */
  write(chunk: string | Uint8Array): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

export interface Io {
  readonly env: Environment;
  readonly cwd: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Results. */
  readonly stdout: Output;
  /** Progress, notes, questions, errors: whatever isn't the result. */
  readonly stderr: Output;
  readonly clock: Clock;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export function processIo(signal: AbortSignal): Io {
  const { env, stdin, stdout, stderr } = process;
  return { env, cwd: process.cwd(), stdin, stdout, stderr, clock: systemClock, signal };
}

export function print(io: Io, text: string): void {
  io.stdout.write(`${safe(io, text)}\n`);
}

export function note(io: Io, text: string): void {
  io.stderr.write(`${safe(io, text, 'stderr')}\n`);
}

/** The text as it may be shown: records, streams and files have a say in most of what is printed. */
export function safe(io: Io, text: string, stream: 'stdout' | 'stderr' = 'stdout'): string {
  return harmless(text, paintOf(io, stream) !== PLAIN);
}

export function paintOf(io: Io, stream: 'stdout' | 'stderr' = 'stdout'): Paint {
  return paintFor(io[stream], io.env);
}

/** Waits while the reader of a pipe is slower than we are. */
export async function writeBytes(output: Output, bytes: Uint8Array): Promise<void> {
  if (output.write(bytes)) return;
  await new Promise<void>((resolve) => output.once('drain', resolve));
}

/** @param indent 0: on one line */
export function printJson(io: Io, value: unknown, indent = 2): void {
  print(io, jsonText(value, indent));
}

/** In characters. @returns undefined where it is no terminal, or one that doesn’t know how wide it is, and says 0 */
export function terminalWidth({ stdout }: Pick<Io, 'stdout'>): number | undefined {
  return stdout.isTTY === true && stdout.columns !== 0 ? stdout.columns : undefined;
}
