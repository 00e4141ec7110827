/** What a command says, for tests. */
import { Readable } from 'node:stream';
import type { Io } from '../../cli/terminal/io.ts';
import { systemClock } from '../../ports/runtime/clock.ts';

export interface SpokenIo extends Io {
  /** On standard output, and on standard error, so far. */
  readonly said: { out: string; err: string };
}

export function ioForTest(options: Partial<Io> = {}): SpokenIo {
  const said = { out: '', err: '' };
  const output = (to: 'out' | 'err') => ({
    isTTY: false,
    write: (chunk: string | Uint8Array) => {
      said[to] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    },
    once: () => undefined,
  });
  return {
    env: {},
    cwd: process.cwd(),
    stdin: Readable.from([]),
    stdout: output('out'),
    stderr: output('err'),
    clock: systemClock,
    signal: new AbortController().signal,
    ...options,
    said,
  };
}
