import type { CallSummary } from '../../ports/calls/call-queries.ts';
import type { Access } from '../access/access.ts';
import { DEFAULT_SPAN, type FilterArguments, selectCalls } from '../selection/select.ts';
import { EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note, paintOf, print, safe, terminalWidth } from '../terminal/io.ts';
import { count, jsonText } from '../terminal/terminal.ts';
import { timeZoneOf } from '../terminal/time-zone.ts';
import { listTable } from './list-table.ts';

export interface ListArguments extends FilterArguments {
  readonly limit?: number | undefined;
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
}

export async function listCalls(access: Access, io: Io, args: ListArguments): Promise<ExitCode> {
  let damaged = 0;
  const found = selectCalls(access, io, args, ({ message }) => {
    damaged += 1;
    note(io, `left out: ${message}`);
  });
  const calls = limited(found, args.limit);
  if (args.json) await writeJson(io, calls);
  else if (args.csv) await writeCsv(io, calls);
  else await writeTable(io, access, calls, args);
  return damaged > 0 ? EXIT.failed : EXIT.ok;
}

async function* limited<T>(values: AsyncIterable<T>, max = Infinity): AsyncGenerator<T> {
  let left = max;
  for await (const value of values) {
    yield value;
    left -= 1;
    if (left <= 0) return;
  }
}

/** One array, an element a line, as they come. */
async function writeJson(io: Io, calls: AsyncIterable<CallSummary>): Promise<void> {
  let before = '[\n';
  for await (const call of calls) {
    io.stdout.write(before + jsonText(call));
    before = ',\n';
  }
  print(io, before === '[\n' ? '[]' : '\n]');
}

const COLUMNS = [
  'contactId',
  'startFragmentNumber',
  'recordingId',
  'startedAt',
  'durationMs',
  'status',
  'customerNumber',
  'endReason',
  'why',
] as const satisfies readonly (keyof CallSummary)[];

/** RFC 4180. The last columns hold what others have said. */
async function writeCsv(io: Io, calls: AsyncIterable<CallSummary>): Promise<void> {
  const line = (values: readonly string[]) =>
    io.stdout.write(`${safe(io, values.map(csvField).join(','))}\r\n`);
  line(COLUMNS);
  for await (const call of calls) line(COLUMNS.map((column) => String(call[column] ?? '')));
}

/** A spreadsheet would run what looks like a formula; a number, a phone's too, is none. */
function csvField(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.]+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

async function writeTable(
  io: Io,
  access: Access,
  calls: AsyncIterable<CallSummary>,
  args: ListArguments,
): Promise<void> {
  const found: CallSummary[] = [];
  for await (const call of calls)
    found.push({ ...(args.customer !== undefined && { customerNumber: args.customer }), ...call });
  if (found.length === 0) {
    note(
      io,
      `no such calls in ${access.where}; without --since, --day or --from it is the last ${DEFAULT_SPAN}`,
    );
    return;
  }
  const width = terminalWidth(io);
  print(io, listTable(found, timeZoneOf(args, io.env), paintOf(io), width));
  note(
    io,
    paintOf(io, 'stderr')(
      'dim',
      `${count(found.length, 'recording')}${found.length === args.limit ? ' (--limit)' : ''}`,
    ),
  );
}
