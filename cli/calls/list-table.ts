/** Calls as rows, as wide as a terminal is. */
import type { CallSummary } from '../../ports/calls/call-queries.ts';
import { clock, type Paint, paintStatus, printable, table } from '../terminal/terminal.ts';
import type { TimeZone } from '../terminal/time-zone.ts';

interface Column {
  readonly title: string;
  readonly alignRight?: boolean;
  readonly text: (call: CallSummary) => string;
  readonly paint?: (paint: Paint, text: string, call: CallSummary) => string;
}

/** The space between columns. */
const SPACE = 2;
/** A reason is cut here where nothing says how wide it may be; `calls show` has the whole of it. */
const WHY_MAX = 60;
/** Less of a reason tells nothing. */
const WHY_MIN = 15;

/** @param width of the terminal, in characters; undefined: it is for no terminal, and nothing is left out */
export function listTable(
  calls: readonly CallSummary[],
  zone: TimeZone,
  paint: Paint,
  width?: number,
): string {
  const fixed = fitting(columns(zone), calls, width ?? Infinity);
  const left = (width ?? Infinity) - widthOf(fixed, calls);
  const whyWidth = width === undefined ? WHY_MAX : left - SPACE;
  const shown = whyWidth >= WHY_MIN ? [...fixed, why(whyWidth)] : fixed;
  return table(
    shown.map(({ title }) => title),
    calls.map((call) => shown.map((column) => cell(column, call, paint))),
    paint,
    shown.flatMap(({ alignRight }, index) => (alignRight === true ? index : [])),
  );
}

function columns(zone: TimeZone): readonly Column[] {
  return [
    { title: `STARTED (${zone.name})`, text: ({ startedAt }) => zone.time(startedAt) },
    {
      title: 'LENGTH',
      alignRight: true,
      text: ({ durationMs }) => (durationMs === undefined ? '' : clock(durationMs)),
    },
    {
      title: 'STATUS',
      text: ({ status }) => status,
      paint: (paint, _, { status }) => paintStatus(paint, status),
    },
    { title: 'CONTACT', text: ({ contactId }) => contactId },
    { title: 'CUSTOMER', text: ({ customerNumber = '' }) => customerNumber },
  ];
}

/** What can be done without first, where there is no room for all: ids are there to be copied, whole. */
const DISPENSABLE = ['CUSTOMER', 'LENGTH'];

function fitting(all: readonly Column[], calls: readonly CallSummary[], width: number): readonly Column[] {
  return DISPENSABLE.reduce(
    (kept, title) => (widthOf(kept, calls) <= width ? kept : kept.filter((column) => column.title !== title)),
    all,
  );
}

function widthOf(shown: readonly Column[], calls: readonly CallSummary[]): number {
  const widths = shown.map(({ title, text }) =>
    calls.reduce((widest, call) => Math.max(widest, printable(text(call)).length), title.length),
  );
  return widths.reduce((sum, width) => sum + width + SPACE, -SPACE);
}

function why(width: number): Column {
  return {
    title: 'WHY',
    text: (call) => cut(printable(call.why ?? ''), width),
    paint: (paint, text) => paint('dim', text),
  };
}

function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}

function cell({ text, paint: painted }: Column, call: CallSummary, paint: Paint): string {
  const plain = printable(text(call));
  return painted === undefined ? plain : painted(paint, plain, call);
}
