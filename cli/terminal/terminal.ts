/** Text for people: colours where a terminal shows them, tables, times and lengths. */
import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Environment } from '../../contract/environment.ts';
import type { CallStatus } from '../../recording/call-record.ts';

type Format = Parameters<typeof styleText>[0];
/** Colours a text, or leaves it as it is. */
export type Paint = (format: Format, text: string) => string;

export const PLAIN: Paint = (_, text) => text;

/** Colours on a terminal alone; never where `NO_COLOR` is set (no-color.org), always where `FORCE_COLOR` is. */
export function paintFor(stream: { readonly isTTY?: boolean }, env: Environment): Paint {
  const set = (name: string) => env[name] !== undefined && env[name] !== '';
  const colours = !set('NO_COLOR') && (set('FORCE_COLOR') || (stream.isTTY === true && env.TERM !== 'dumb'));
  // Whether to colour has been decided: newer Nodes would decide again, for a stream of their own choice.
  return colours ? (format, text) => styleText(format, text, { validateStream: false }) : PLAIN;
}

const STATUS_FORMATS: Readonly<Record<CallStatus, Format>> = {
  RECORDING: 'cyan',
  ASSEMBLING: 'cyan',
  COMPLETE: 'green',
  INCOMPLETE: 'yellow',
  EMPTY: 'gray',
  FAILED: 'red',
};

export function paintStatus(paint: Paint, status: CallStatus): string {
  return paint(STATUS_FORMATS[status], status);
}

const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ].map((name) => [name, '']),
);

/** Columns side by side, without lines; a text that comes from outside can't move the cursor. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
  alignRight: readonly number[] = [],
): string {
  const grid = new Table({
    chars: { ...NO_BORDERS, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: (rows[0] ?? head).map((_, column) => (alignRight.includes(column) ? 'right' : 'left')),
    ...(head.length > 0 && { head: head.map((title) => paint('bold', title)) }),
  });
  grid.push(...rows.map((row) => [...row]));
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/**
 * What a terminal takes for an order, or shows at another place than where it stands: control characters, with those of
 * ISO 6429's upper half, line separators, overrides of the direction of writing (UAX #9), and halves of characters.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu;
const REPLACEMENT = '\ufffd';

/** Makes one value fit amid a text: it takes out control characters, escape sequences and ends of lines among them. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, REPLACEMENT);
}

/** What {@link Paint} begins and ends colours with. */
const COLOUR = /^(?:[1234]|3[1-6]|90)m$/;
const COLOUR_ENDS = /^(?:0|2[2-4]|39)m$/;
const ESCAPE = '\u001b[';
const RESET = `${ESCAPE}0m`;
const PARTS = /\r\n|[\n\t]|\p{Cc}\[\d{1,2}m|[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu;
const LAYOUT = new Set(['\r\n', '\n', '\t']);

/**
 * Makes a whole output harmless, whatever it was put together of: nothing in it but lines, tabs and, with `colours`, colours
 * can be an order to the terminal. A colour that somebody else's text has begun ends with the output.
 */
export function harmless(text: string, colours: boolean): string {
  let last = '';
  const safe = text.replace(PARTS, (part) => {
    if (LAYOUT.has(part)) return part;
    const colour = colours && part.startsWith(ESCAPE) ? part.slice(ESCAPE.length) : '';
    if (!COLOUR.test(colour) && !COLOUR_ENDS.test(colour)) return REPLACEMENT;
    last = colour;
    return part;
  });
  return COLOUR.test(last) ? safe + RESET : safe;
}

/** Writes JSON in which every character that is {@link UNPRINTABLE} is escaped: whoever parses it gets the same value. */
export function jsonText(value: unknown, indent?: number): string {
  return escaped(JSON.stringify(value, undefined, indent));
}

/** JSON, with what it holds unescaped and a terminal would act on. */
export function escaped(json: string): string {
  return json.replace(/(?![\n\t])[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** `0:07`, `12:30`, `1:02:03` */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Writes the length of a call: `0.3 s`, `59.9 s`, `1:02:03`. */
export function lengthOf(ms: number): string {
  return ms < 60_000 ? seconds(ms) : clock(ms);
}

/** `2026-03-14 09:26:53` (UTC) */
export function time(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1] ?? ''}`;
}

/** `1 fragment`, `2 fragments` */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
