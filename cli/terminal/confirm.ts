import { createInterface } from 'node:readline/promises';
import { CliError, EXIT } from './exit.ts';
import type { Io } from './io.ts';

/**
 * Asks on standard error, so that the output stays clean.
 * @param expected what has to be typed; by default, yes
 * @throws CliError where nobody can be asked
 */
export async function confirm(io: Io, question: string, expected?: string): Promise<boolean> {
  if (io.stdin.isTTY !== true) {
    throw new CliError(
      EXIT.usage,
      'nobody is there to confirm it',
      'give --yes, or --dry-run to see what would be done',
    );
  }
  const output = { write: (text: string) => io.stderr.write(text) };
  output.write(`${question} ${expected === undefined ? '[y/N]' : ''} `);
  const lines = createInterface({ input: io.stdin, terminal: false });
  try {
    const answer = (await Promise.race([firstOf(lines), aborted(io.signal)]))?.trim() ?? '';
    return expected === undefined ? /^y(es)?$/i.test(answer) : answer === expected;
  } finally {
    lines.close();
  }
}

async function firstOf(lines: AsyncIterable<string>): Promise<string | undefined> {
  for await (const line of lines) return line;
  return undefined;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve(undefined);
        },
        { once: true },
      );
  });
}
