/** A heading, and beneath it what is known, a row each. */
import { type Paint, printable } from '../terminal/terminal.ts';

/** What comes from outside is made harmless; `painted` is our own, colours and all. */
export type Row = readonly [label: string, value: string | undefined, painted?: 'painted'];

export function section(title: string, rows: readonly Row[], paint: Paint): string[] {
  const known = rows.flatMap(([label, value, painted]) =>
    value === undefined ? [] : [{ label: printable(label), value: painted ? value : printable(value) }],
  );
  if (known.length === 0) return [];
  const width = Math.max(...known.map(({ label }) => label.length));
  const lines = known.map(({ label, value }) => `  ${paint('dim', label.padEnd(width))}  ${value}`);
  return title === '' ? lines : ['', paint('bold', title), ...lines];
}
