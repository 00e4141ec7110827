/**
 * What a listener prints on its standard error: lines of its log, as Powertools writes warnings, and whatever a program of the
 * user's prints.
 */
import type { Readable } from 'node:stream';
import * as v from 'valibot';
import { printable } from '../../cli/terminal/terminal.ts';

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
  eachLine(stream, (line) => {
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

/** What a bar that shows progress ends its lines with, too; not what JSON leaves as it is, where `node:readline` cuts. */
const ENDS = /\r?\n|\r(?=[^\n])/;

function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split(ENDS);
    rest = lines.pop() ?? '';
    lines.forEach(take);
  });
  stream.once('end', () => {
    if (rest !== '') take(rest);
  });
}

/** Servers and programs have a say in why. */
function inWords({ message, what, error }: LogLine): string {
  const why = what ?? (typeof error === 'object' ? error.message : error);
  return printable(`callspool: ${message}${why === undefined ? '' : `: ${why}`}`);
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
