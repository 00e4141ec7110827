/** The call's facts, in words and tables. */
import {
  type CallRecord,
  type FurtherFile,
  type Gap,
  type Loss,
  type MediaFacts,
  TRACKS,
} from '../../recording/call-record.ts';
import { titleOf } from '../../recording/audio/files/formats.ts';
import { isStored } from '../../recording/further-files.ts';
import { count, size } from '../terminal/terminal.ts';
import type { TimeZone } from '../terminal/time-zone.ts';
import { Html, html } from './html.ts';
import type { Interruption, TapeFacts, TapeMark } from './tape-facts.ts';
import { length, moment, place } from './times.ts';
import { SIDES } from './waveform.ts';

/** Rows that stand open; the rest of a table can be unfolded, up to a limit. */
const OPEN_ROWS = 12;
const ROWS_MAX = 500;

const END_REASONS: Readonly<Record<NonNullable<CallRecord['endReason']>, string>> = {
  NEXT_CONTACT: 'the next call began in its stream',
  NEXT_RECORDING: 'the contact’s next recording began',
  STREAMING_STOPPED: 'the flow stopped streaming its audio',
  DISCONNECTED: 'the contact was disconnected',
  STREAM_TAKEN: 'another call took its stream over, though Connect said that this one went on',
  IDLE: 'no audio came any more, and Connect said that the call was over',
  LONGEST_CALL: 'it reached the longest call allowed',
  NO_SUCH_STREAM: 'its stream was gone',
  ACCESS_DENIED: 'access to its stream was denied',
  KEY_UNAVAILABLE: 'its stream’s key could not be used',
  RECORDER_GAVE_UP: 'the recorder gave up',
};

type Fact = readonly [label: string, value: Html | string | undefined];

export function factSections(record: CallRecord, tape: TapeFacts | undefined, zone: TimeZone): Html {
  return html`<div class="cards">
    ${card('The call', callFacts(record, zone))} ${card('The audio', audioFacts(record))}
    ${card('How it was recorded', readingFacts(record, tape))} ${attributes(record)}
  </div>`;
}

function card(title: string, facts: readonly Fact[]): Html {
  const known = facts.filter(([, value]) => value !== undefined && value !== '');
  if (known.length === 0) return html``;
  return html`<section class="card">
    <h2>${title}</h2>
    <dl>
      ${known.map(
        ([label, value]) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

function callFacts(record: CallRecord, zone: TimeZone): Fact[] {
  const { queue, agent, endReason, endedAt } = record;
  const reason = endReason === undefined ? '' : `: ${END_REASONS[endReason]}`;
  return [
    ['Started', moment(record.startedAt, zone)],
    ['Agent joined', record.connectedToAgentAt && moment(record.connectedToAgentAt, zone)],
    ['Disconnected', record.disconnectedAt && moment(record.disconnectedAt, zone)],
    ['Recording ended', endedAt && `${moment(endedAt, zone)}${reason}`],
    ['Customer', record.customerNumber],
    ['Dialled', record.systemNumber],
    ['Queue', queue?.name ?? code(lastPart(queue?.arn))],
    ['Agent', agent?.name ?? code(lastPart(agent?.arn))],
    ['Channel', [record.channel, record.initiationMethod].filter(Boolean).join(', ')],
    ['Contact', code(record.contactId)],
    ['First contact', differing(record.initialContactId, record.contactId)],
    ['Contact before', differing(record.previousContactId, record.contactId)],
  ];
}

function furtherFile(file: FurtherFile): string {
  return isStored(file) ? `${size(file.bytes)}, the same samples, beside the WAV` : `no: ${file.why}`;
}

function audioFacts({ audio, files = [], durationMs, media, verification }: CallRecord): Fact[] {
  const silence = media && {
    customer: media.gapMs.AUDIO_FROM_CUSTOMER,
    agent: media.gapMs.AUDIO_TO_CUSTOMER,
  };
  return [
    ['Length', durationMs === undefined ? undefined : length(durationMs)],
    [
      'Gaps (no audio came)',
      silence && `customer ${silent(silence.customer)}, agent ${silent(silence.agent)}`,
    ],
    ['Format', audio && `stereo, ${audio.sampleRate} Hz, 16 bit; left: customer, right: agent`],
    ['Size', audio && size(audio.bytes)],
    ['Checked', verification && checked(verification)],
    ['SHA-256 of the samples', code(audio?.sha256)],
    ['Object', audio && code(`s3://${audio.bucket}/${audio.key}`)],
    ...files.map((file): Fact => [`As ${titleOf(file.format)}`, furtherFile(file)]),
  ];
}

function checked(verification: NonNullable<CallRecord['verification']>): string {
  const { method, why, fragmentsListed, fragmentsMissing } = verification;
  if (method === 'NONE') return `not possible${why === undefined ? '' : `: ${why}`}`;
  if (fragmentsListed === undefined) return 'against the stream’s own list';
  const missing =
    fragmentsMissing === undefined || fragmentsMissing === 0 ? 'none' : String(fragmentsMissing);
  return `against the stream’s own list: ${count(fragmentsListed, 'fragment')}, ${missing} missing`;
}

function readingFacts(record: CallRecord, tape: TapeFacts | undefined): Fact[] {
  const { media, attempts } = record;
  return [
    ['Fragments', media && String(media.fragments)],
    ['Tape', tape && count(tape.objects.length, 'object')],
    ['Tasks', attempts === undefined ? undefined : String(attempts)],
    ['Resumptions', media && resumptions(media.resumes, tape)],
    ['Sessions reopened', media && String(media.reopenings)],
    ['Behind live', media && `${length(media.maxBehindMs)} at most`],
    ['Clock jumps', media && media.reanchored > 0 ? String(media.reanchored) : undefined],
    ['Ahead of its times', media && aheadText(media)],
    ['Blocks with wrong times', someOf(media?.strayBlocks)],
    ['Blocks more than a minute late', someOf(media?.lateBlocks)],
    ['Recording', code(record.recordingId)],
    ['Execution', code(record.executionArn)],
    ['Stream', code(record.streamArn)],
  ];
}

function aheadText({ aheadMs }: MediaFacts): string | undefined {
  const sides = TRACKS.filter((track) => (aheadMs?.[track] ?? 0) > 0);
  if (sides.length === 0) return undefined;
  return sides.map((track) => `${SIDES[track]} ${length(aheadMs?.[track] ?? 0)}`).join(', ');
}

function someOf(number = 0): string | undefined {
  return number === 0 ? undefined : String(number);
}

/** The record counts them; where they were, only the tape can tell. */
function resumptions(number: number, tape: TapeFacts | undefined): string {
  if (number === 0) return 'none';
  if (tape === undefined) return `${number}; where can’t be told without the tape`;
  const places = tape.interruptions.length;
  if (places === 0) return `${number}; they left no trace on the tape`;
  return places < number ? `${number}; those that left a trace on the tape are marked` : String(number);
}

function attributes({ attributes: values, attributeCount }: CallRecord): Html {
  const all = Object.entries(values ?? {});
  if (all.length === 0) return html``;
  const more: Fact[] =
    attributeCount === undefined ? [] : [['…', `and ${attributeCount - all.length} more that were not kept`]];
  return card('Contact attributes', [...all, ...more]);
}

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

/** Says how long no audio came. */
function silent(ms: number): string {
  return ms === 0 ? 'none' : length(ms);
}

function code(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<code>${text}</code>`;
}

function differing(id: string | undefined, contactId: string): Html | undefined {
  return id === contactId ? undefined : code(id);
}

function lastPart(arn: string | undefined): string | undefined {
  return arn?.slice(arn.lastIndexOf('/') + 1);
}
