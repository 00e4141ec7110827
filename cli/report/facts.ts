/** The call's facts, in words. */
import { titleOf } from '../../recording/audio/files/formats.ts';
import { type CallRecord, type FurtherFile, type MediaFacts, TRACKS } from '../../recording/call-record.ts';
import { isStored } from '../../recording/further-files.ts';
import { verifiedText } from '../audio/verified.ts';
import { count, size } from '../terminal/terminal.ts';
import type { TimeZone } from '../terminal/time-zone.ts';
import { code } from './fact-tables.ts';
import { Html, html } from './html.ts';
import type { TapeFacts } from './tape-facts.ts';
import { length, moment } from './times.ts';
import { SIDES } from './waveform.ts';

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
    ['Checked', verification && verifiedText(verification)],
    ['SHA-256 of the samples', code(audio?.sha256)],
    ['Object', audio && code(`s3://${audio.bucket}/${audio.key}`)],
    ...files.map((file): Fact => [`As ${titleOf(file.format)}`, furtherFile(file)]),
  ];
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

/** Says how long no audio came. */
function silent(ms: number): string {
  return ms === 0 ? 'none' : length(ms);
}

function differing(id: string | undefined, contactId: string): Html | undefined {
  return id === contactId ? undefined : code(id);
}

function lastPart(arn: string | undefined): string | undefined {
  return arn?.slice(arn.lastIndexOf('/') + 1);
}
