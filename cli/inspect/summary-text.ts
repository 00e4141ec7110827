/** The summary, for a person to read. */
import { count, printable } from '../terminal/terminal.ts';
import type { AudioSummary } from './audio-facts.ts';
import type { ContactSummary } from './contact-facts.ts';
import type { StreamSummary } from './summary.ts';
import { bytes } from './tree-text.ts';

const LISTED_MAX = 10;
/** Connect's names of the two directions fit. */
const LABEL_WIDTH = 19;

/** @returns lines */
export function summaryLines(summary: StreamSummary): string[] {
  return [
    'Summary',
    ...row('bytes', bytesOf(summary)),
    ...row('fragments', fragmentsOf(summary)),
    ...row('clocks', clocksOf(summary)),
    ...row('behind live', behindOf(summary)),
    ...row('errors', summary.streamErrorCount === 0 ? 'none reported in the stream' : undefined),
    ...summary.streamErrors
      .slice(0, LISTED_MAX)
      .flatMap(({ id, code, fragmentNumber, offset }) =>
        row('error', `${id} ${printable(code)} at byte ${offset}${of(fragmentNumber)}`),
      ),
    ...more(summary.streamErrorCount, 'errors'),
    ...row('structure', summary.problemCount === 0 ? 'sound' : count(summary.problemCount, 'problem')),
    ...summary.problems
      .slice(0, LISTED_MAX)
      .flatMap(({ part, offset, what }) =>
        row('problem', `byte ${offset}${summary.parts > 1 ? ` of ${part}` : ''}: ${printable(what)}`),
      ),
    ...more(summary.problemCount, 'problems'),
    ...summary.contacts.flatMap(contactLines),
    ...(summary.otherContactFragments > 0
      ? ['', `${count(summary.otherContactFragments, 'fragment')} of more contacts`]
      : []),
  ];
}

function bytesOf({ bytes: total, parts }: StreamSummary): string {
  return parts > 1 ? `${bytes(total)} in ${parts} objects` : bytes(total);
}

function fragmentsOf({ fragments, wholeness, repeated }: StreamSummary): string {
  if (fragments === 0) return 'none';
  const { tagged, structural, torn } = wholeness;
  const notes = [
    tagged === fragments ? 'all whole' : `${tagged} whole`,
    ...(structural > 0 ? [`${structural} without trailing tags`] : []),
    ...(torn > 0 ? [`${torn} cut short or damaged`] : []),
    ...(repeated > 0 ? [`${repeated} repeated or out of order`] : []),
  ];
  return `${fragments}: ${notes.join(', ')}`;
}

function clocksOf({ clockSkewMs: skew }: StreamSummary): string | undefined {
  if (!skew) return undefined;
  const side = skew.mean < 0 ? 'behind' : 'ahead of';
  return `the producer’s is ${ms(Math.abs(skew.mean))} ${side} the server’s (${signed(skew.min)} to ${signed(skew.max)})`;
}

function behindOf({ maxBehindMs }: StreamSummary): string | undefined {
  return maxBehindMs === undefined ? undefined : `${ms(maxBehindMs)} at most`;
}

function contactLines(contact: ContactSummary): string[] {
  const { fromServerMs, toServerMs, clockJumps, missingDirections } = contact;
  return [
    '',
    contact.contactId === undefined ? 'Of no contact' : `Contact ${printable(contact.contactId)}`,
    ...row('fragments', contact.fragments.toString()),
    ...row('numbers', range(contact.firstFragmentNumber, contact.lastFragmentNumber)),
    ...row('server time', range(iso(fromServerMs), iso(toServerMs))),
    ...row('format', contact.mimeType && printable(contact.mimeType)),
    ...contact.directions.flatMap(audioLines),
    ...missingDirections.flatMap((name) => row('missing', `no audio of ${name}`)),
    ...row('clock', clockJumps > 0 ? `the producer’s jumped ${count(clockJumps, 'time')}` : undefined),
  ];
}

function audioLines(audio: AudioSummary): string[] {
  const { trackNumbers, blocks, audioMs, gapCount, gapMs, gaps } = audio;
  const numbers = `track ${trackNumbers.join(', ')}`;
  const length = audioMs === undefined ? bytes(audio.bytes) : ms(audioMs);
  const silence = gapCount === 0 ? 'no gaps' : `${count(gapCount, 'gap')}, ${ms(gapMs)}`;
  return [
    ...row(
      audio.name === undefined ? 'unnamed' : printable(audio.name),
      [numbers, count(blocks, 'block'), length, ...(audioMs === undefined ? [] : [silence])].join(', '),
    ),
    ...gaps
      .slice(0, LISTED_MAX)
      .flatMap(({ startMs, lengthMs }) => row('gap', `${iso(startMs) ?? ''} for ${ms(lengthMs)}`)),
    ...more(gapCount, 'gaps'),
  ];
}

function more(total: number, what: string): string[] {
  return total > LISTED_MAX ? row('', `… and ${total - LISTED_MAX} more ${what}`) : [];
}

function row(label: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`  ${label.padEnd(LABEL_WIDTH)}  ${value}`];
}

function of(fragmentNumber: string | undefined): string {
  return fragmentNumber === undefined ? '' : `, fragment ${fragmentNumber}`;
}

function range(from: string | undefined, to: string | undefined): string | undefined {
  if (from === undefined) return undefined;
  return to === undefined || to === from ? from : `${from} to ${to}`;
}

function iso(epochMs: number | undefined): string | undefined {
  if (epochMs === undefined || Math.abs(epochMs) > 8.64e15) return undefined;
  return new Date(epochMs).toISOString();
}

function ms(value: number): string {
  return value < 1000 ? `${value} ms` : `${(value / 1000).toFixed(2)} s`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${ms(Math.abs(value))}`;
}
