/** What the call's record and its tape have many of, as tables. */
import type { Gap, Loss } from '../../recording/call-record.ts';
import { count, size } from '../terminal/terminal.ts';
import { type Html, html } from './html.ts';
import type { Interruption, TapeMark } from './tape-facts.ts';
import { length, place } from './times.ts';
import { SIDES } from './waveform.ts';

/** Rows that stand open; the rest of a table can be unfolded, up to a limit. */
const OPEN_ROWS = 12;
const ROWS_MAX = 500;

/** @param total where not all of them are there */
export function lossTable(losses: readonly Loss[], total = losses.length): Html {
  if (losses.length === 0) return html``;
  return table(
    `Losses (${total})`,
    ['At', 'Length', 'What', 'Why'],
    losses.map(({ startMs, lengthMs, kind, why, firstFragmentNumber, lastFragmentNumber }) => [
      startMs === undefined ? 'unknown' : at(startMs),
      lengthMs === undefined || lengthMs === 0 ? '' : length(lengthMs),
      kind.toLowerCase().replaceAll('_', ' '),
      html`${why}${range(firstFragmentNumber, lastFragmentNumber)}`,
    ]),
    total,
  );
}

export function interruptionTable(interruptions: readonly Interruption[]): Html {
  if (interruptions.length === 0) return html``;
  return table(
    `Interruptions of reading (${interruptions.length})`,
    ['At', 'What'],
    interruptions.map(({ atMs, why }) => [at(atMs), why]),
    interruptions.length,
    'Where the tape shows that a recorder stopped or fell behind, and reading went on. It is no loss by itself.',
  );
}

export function gapTable(gaps: readonly Gap[], total = gaps.length): Html {
  if (gaps.length === 0) return html``;
  return table(
    `Gaps (${total})`,
    ['At', 'Length', 'Side'],
    gaps.map(({ startMs, lengthMs, track }) => [at(startMs), length(lengthMs), SIDES[track]]),
    total,
    'Silence that stands for audio that didn’t come: hold, mute, an agent who joins late. It is no loss by itself.',
  );
}

export function tapeTable(tape: readonly TapeMark[]): Html {
  if (tape.length === 0) return html``;
  const rows = tape
    .slice(0, ROWS_MAX)
    .map((object, index) => [
      String(index + 1),
      object.startMs === undefined ? '' : at(object.startMs),
      object.endMs === undefined || object.startMs === undefined ? '' : length(object.endMs - object.startMs),
      object.unreadable ?? count(object.fragments, 'fragment'),
      size(object.bytes),
      code(object.first),
    ]);
  return html`<details class="card tape-objects">
    <summary><h2>Tape objects (${tape.length})</h2></summary>
    ${grid(['', 'From', 'Length', 'Holds', 'Size', 'First fragment'], rows)} ${rest(rows.length, tape.length)}
  </details>`;
}

type Cell = Html | string | undefined;

function table(
  title: string,
  head: readonly string[],
  rows: readonly Cell[][],
  total: number,
  intro?: string,
): Html {
  const open = rows.slice(0, OPEN_ROWS);
  const folded = rows.slice(OPEN_ROWS, ROWS_MAX);
  return html`<section class="card wide">
    <h2>${title}</h2>
    ${intro === undefined ? undefined : html`<p class="quiet">${intro}</p>`} ${grid(head, open)}
    ${
      folded.length === 0
        ? undefined
        : html`<details>
            <summary>${folded.length} more</summary>
            ${grid(head, folded)}
          </details>`
    }
    ${rest(open.length + folded.length, total)}
  </section>`;
}

function grid(head: readonly string[], rows: readonly Cell[][]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table">
    <table>
      <thead>
        <tr>
          ${head.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function rest(shown: number, total: number): Html | undefined {
  if (total <= shown) return undefined;
  return html`<p class="quiet">${total - shown} more are in the call’s record.</p>`;
}

/** The script makes a link of it, which the player follows. */
function at(ms: number): Html {
  return html`<span class="at" data-at="${(ms / 1000).toFixed(3)}">${place(ms)}</span>`;
}

function range(first: string | undefined, last: string | undefined): Html | undefined {
  if (first === undefined) return undefined;
  const numbers = last === undefined || last === first ? first : `${first} to ${last}`;
  return html` <span class="quiet">Fragment <code>${numbers}</code></span>`;
}

export function code(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<code>${text}</code>`;
}
