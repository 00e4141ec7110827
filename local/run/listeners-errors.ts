/**
 * What a listener prints on its standard error: lines of its log, as Powertools writes warnings, and whatever a program of the
 * user's prints.
 */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as v from 'valibot';

const LogLine = v.object({
  level: v.picklist(['WARN', 'ERROR', 'CRITICAL']),
  message: v.string(),
  what: v.optional(v.string()),
  error: v.optional(v.union([v.string(), v.object({ message: v.string() })])),
});
type LogLine = v.InferOutput<typeof LogLine>;

export interface Errors {
  /** A line of the log. */
  readonly log: (line: string) => void;
  /** A line for whoever runs this: a program's own, or what the log says, in words and once. */
  readonly tell: (line: string) => void;
}

/** Reads to the end. */
export function splitErrors(stream: Readable, { log, tell }: Errors): void {
  const told = new Set<string>();
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
    const logged = parsed(line);
    if (logged === undefined) {
      tell(line);
      return;
    }
    log(line);
    const words = inWords(logged);
    if (told.has(words)) return;
    told.add(words);
    tell(words);
  });
}

function inWords({ message, what, error }: LogLine): string {
  const why = what ?? (typeof error === 'object' ? error.message : error);
  return `callspool: ${message}${why === undefined ? '' : `: ${why}`}`;
}

function parsed(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { success, output } = v.safeParse(LogLine, JSON.parse(line));
    return success ? output : undefined;
  } catch {
    return undefined;
  }
}
