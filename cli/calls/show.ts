/** Everything that is known of a call. */
import { extname } from 'node:path';
import { titleOf } from '../../recording/audio/files/formats.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import {
  type CallRecord,
  type FurtherFile,
  type Gap,
  isFinal,
  type Loss,
  type MediaFacts,
  TRACKS,
} from '../../recording/call-record.ts';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import { isStored } from '../../recording/further-files.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { tapePrefix } from '../../recording/tape/keys.ts';
import { livePrefix } from '../../recording/tape/live-keys.ts';
import type { Transcript } from '../../recording/transcript/document.ts';
import { transcriptText } from '../../recording/transcript/texts.ts';
import { isWritten, type TranscriptFacts } from '../../recording/transcript-facts.ts';
import type { Access } from '../access/access.ts';
import { callsOf } from '../selection/identify.ts';
import { EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, paintOf, print, printJson } from '../terminal/io.ts';
import {
  clock,
  count,
  lengthOf,
  type Paint,
  paintStatus,
  printable,
  seconds,
  size,
  table,
} from '../terminal/terminal.ts';
import { type TimeZone, type TimeZoneArguments, timeZoneOf } from '../terminal/time-zone.ts';
import { wordsOf } from '../words/words.ts';
import { adviceOn, type Standing } from './advice.ts';
import { SIDES } from './sides.ts';

export interface ShowArguments extends TimeZoneArguments {
  readonly id: string;
  readonly gaps: boolean;
  readonly words?: boolean;
  readonly json: boolean;
}

export async function showCall(access: Access, io: Io, args: ShowArguments): Promise<ExitCode> {
  const calls = await callsOf(access, args.id);
  const found = await Promise.all(
    calls.map(async (call) => ({ call, checkpoint: await access.checkpoints.read(call.recordingId) })),
  );
  if (args.json) {
    const shown = found.map(async ({ call, checkpoint }) => ({
      ...call,
      checkpoint: checkpoint && plain(checkpoint),
      ...(args.words === true && { spoken: await wordsOf(access, call) }),
    }));
    printJson(io, await Promise.all(shown));
    return EXIT.ok;
  }
  const paint = paintOf(io);
  const zone = timeZoneOf(args, io.env);
  for (const [index, { call, checkpoint }] of found.entries()) {
    const heading = found.length > 1 ? [paint('bold', `Recording ${index + 1} of ${found.length}`), ''] : [];
    const state = await access.states.stateOf(checkpoint?.owner ?? call.executionArn);
    const standing = { call, checkpoint, state };
    const lines = describe(standing, { allGaps: args.gaps, zone, paint, advice: adviceOn(access, standing) });
    const words = args.words === true ? wordLines(await wordsOf(access, call), paint) : [];
    print(io, [...(index > 0 ? [''] : []), ...heading, ...lines, ...words].join('\n'));
  }
  return EXIT.ok;
}

function wordLines(transcript: Transcript | undefined, paint: Paint): string[] {
  const lines =
    transcript === undefined
      ? ['nothing was written down']
      : transcriptText(transcript).trimEnd().split('\n');
  return ['', paint('bold', 'Words'), ...lines.map((line) => `  ${printable(line)}`)];
}

/** JSON knows no bigint. */
function plain({ position, ...checkpoint }: Checkpoint) {
  return {
    ...checkpoint,
    ...(position && {
      position: { ...position, lastFragmentNumber: position.lastFragmentNumber.toString() },
    }),
  };
}

/** What comes from outside is made harmless; `painted` is our own, colours and all. */
type Row = readonly [label: string, value: string | undefined, painted?: 'painted'];

interface Style {
  readonly allGaps: boolean;
  readonly zone: TimeZone;
  readonly paint: Paint;
  readonly advice: readonly string[];
}

function describe(standing: Standing, { allGaps, zone, paint, advice }: Style): string[] {
  const { call } = standing;
  return [
    ...section(
      '',
      [...identityRows(standing, zone, paint), ...adviceRows(advice), ...whoRows(call, zone)],
      paint,
    ),
    ...section('Audio', [...audioRows(call, zone), ...mediaRows(call)], paint),
    ...section('Losses', (call.losses ?? []).map(lossRow), paint),
    ...gapLines(call, allGaps, paint),
    ...section('Recorder', recorderRows(standing, zone), paint),
  ];
}

function adviceRows(advice: readonly string[]): Row[] {
  return advice.map((text, index) => [index === 0 ? 'to do' : '', text]);
}

/** The record keeps its last result until the resumed recording is assembled. */
function isResumed({ call, checkpoint, state }: Standing): boolean {
  const owner = checkpoint?.owner ?? call.executionArn;
  return isFinal(call.status) && owner !== call.executionArn && state !== 'over';
}

function identityRows(standing: Standing, zone: TimeZone, paint: Paint): Row[] {
  const { call } = standing;
  const status = paintStatus(paint, call.status);
  const ended =
    call.endedAt && `${zone.timeWithZone(call.endedAt)}, ${call.endReason ?? 'for no known reason'}`;
  return [
    ['contact', call.contactId],
    ['recording', call.recordingId],
    ['status', isResumed(standing) ? `${status}, as it was: it has been resumed since` : status, 'painted'],
    ['why', call.why],
    ['started', zone.timeWithZone(call.startedAt)],
    ['ended', ended],
  ];
}

function whoRows(call: CallRecord, zone: TimeZone): Row[] {
  const { queue, agent } = call;
  return [
    ['customer', call.customerNumber],
    ['dialled', call.systemNumber],
    ['queue', queue?.name ?? queue?.arn],
    ['agent', agent?.name ?? agent?.arn],
    ['agent joined', call.connectedToAgentAt && zone.timeWithZone(call.connectedToAgentAt)],
    ['hung up', call.disconnectedAt && zone.timeWithZone(call.disconnectedAt)],
    ['transferred from', call.previousContactId === call.contactId ? undefined : call.previousContactId],
    ['streams with', call.sharesStreamWith],
    ...Object.entries(call.attributes ?? {}).map(([name, value]): Row => [`attribute ${name}`, value]),
  ];
}

function audioRows(call: CallRecord, zone: TimeZone): Row[] {
  const { recordingId, audio, files = [], transcript, durationMs, verification, kept } = call;
  return [
    ['length', durationMs === undefined ? undefined : lengthOf(durationMs)],
    ['file', audio && `s3://${audio.bucket}/${audio.key}`],
    [
      'size',
      audio && `${size(audio.bytes)}, ${audio.sampleRate / 1000} kHz stereo: left customer, right agent`,
    ],
    ['sha256', audio && `${audio.sha256} (of the samples)`],
    ['to check it', audio && `tail -c ${audio.frames * BYTES_PER_FRAME} ${recordingId}.wav | sha256sum`],
    ...files.flatMap((file) => fileRows(file, call)),
    ['verified', verification && verificationText(verification)],
    ['words', transcript && transcriptSummary(transcript)],
    ['kept', kept && `${zone.timeWithZone(kept.at)}: ${kept.why}`],
  ];
}

function transcriptSummary(facts: TranscriptFacts): string {
  if (!isWritten(facts)) return `none: ${facts.why}`;
  const { words, sources, untranscribed, untranscribedMs } = facts;
  const missing = untranscribed === 0 ? '' : `, and nothing of ${seconds(untranscribedMs)}`;
  return `${count(words, 'word')} by ${sources.join(' and ')}${missing} (--words shows them)`;
}

/** A file beside the WAV. */
function fileRows(file: FurtherFile, { recordingId, audio }: CallRecord): Row[] {
  const title = titleOf(file.format);
  if (!isStored(file)) return [[`no ${title}`, file.why]];
  const name = `${recordingId}${extname(file.key)}`;
  return [
    [`as ${title}`, audio && `s3://${audio.bucket}/${file.key}`],
    ['size', `${size(file.bytes)}, the same samples`],
    ['to check it', `tail -c +${file.headerBytes + 1} ${name} | sha256sum: ${file.dataSha256}`],
  ];
}

function verificationText({
  method,
  why,
  fragmentsListed,
  fragmentsMissing,
  fragmentsTakenForNext,
}: NonNullable<CallRecord['verification']>): string {
  switch (method) {
    case 'NONE':
      return `could not be: ${why ?? 'no reason given'}`;
    case 'CONTACT_RECORDINGS':
      return `against the last fragment that the contact’s record in Connect names${why === undefined ? '' : ` (${why})`}`;
    case 'LIST_FRAGMENTS': {
      const next =
        fragmentsTakenForNext === undefined
          ? ''
          : `, ${fragmentsTakenForNext} more were taken for the next caller’s`;
      return `the stream lists ${count(fragmentsListed ?? 0, 'fragment')}; ${fragmentsMissing ?? 0} could not be had${next}`;
    }
  }
}

function mediaRows({ media }: CallRecord): Row[] {
  if (media === undefined) return [];
  const silent = TRACKS.filter((track) => media.gapMs[track] > 0).map(
    (track) => `${SIDES[track]} ${seconds(media.gapMs[track])}`,
  );
  return [
    ['fragments', String(media.fragments)],
    [
      'gaps',
      media.gapCount === 0
        ? 'none: audio came all the time'
        : `${media.gapCount}, in which no audio came: ${silent.join(', ')}`,
    ],
    ['clock jumps', media.reanchored === 0 ? undefined : String(media.reanchored)],
    ['ahead of its times', aheadText(media)],
    ['wrong times', counted(media.strayBlocks, 'block')],
    ['late', counted(media.lateBlocks, 'block')],
    ['furthest behind', seconds(media.maxBehindMs)],
    ['reopened', count(media.reopenings, 'time')],
    ['resumed', count(media.resumes, 'time')],
  ];
}

/** Says which side's audio ran ahead of its own times, and how far at most; undefined where neither did. */
function aheadText({ aheadMs }: MediaFacts): string | undefined {
  const sides = TRACKS.filter((track) => (aheadMs?.[track] ?? 0) > 0);
  if (sides.length === 0) return undefined;
  return sides.map((track) => `${SIDES[track]} ${seconds(aheadMs?.[track] ?? 0)}`).join(', ');
}

function counted(number = 0, what: string): string | undefined {
  return number === 0 ? undefined : count(number, what);
}

function lossRow({ kind, why, startMs, lengthMs, firstFragmentNumber, lastFragmentNumber }: Loss): Row {
  const at =
    startMs === undefined
      ? ''
      : ` at ${clock(startMs)}${lengthMs === undefined ? '' : ` for ${seconds(lengthMs)}`}`;
  const fragments =
    firstFragmentNumber === undefined
      ? ''
      : ` (fragment ${firstFragmentNumber}${lastFragmentNumber === undefined || lastFragmentNumber === firstFragmentNumber ? '' : ` to ${lastFragmentNumber}`})`;
  return [kind, `${why}${at}${fragments}`];
}

const GAPS_SHOWN = 5;

function gapLines({ media }: CallRecord, all: boolean, paint: Paint): string[] {
  const gaps = media?.gaps ?? [];
  const shown = all ? gaps : gaps.slice(0, GAPS_SHOWN);
  if (shown.length === 0 || media === undefined) return [];
  const rows = shown.map(({ track, startMs, lengthMs }: Gap) => [
    `  ${clock(startMs)}`,
    seconds(lengthMs),
    SIDES[track],
  ]);
  const left = media.gapCount - shown.length;
  const more = all ? 'in the JSON beside the WAV' : '--gaps shows them';
  return [
    '',
    paint('bold', 'Gaps'),
    table([], rows, paint, [0, 1]),
    ...(left > 0 ? [`  and ${left} more: ${more}`] : []),
  ];
}

function recorderRows({ call, checkpoint, state }: Standing, zone: TimeZone): Row[] {
  const { counters, position, ended, attempt, owner } = checkpoint ?? {};
  const at = position?.lastServerTimestamp;
  return [
    ['execution', owner ?? call.executionArn],
    ['execution is', state === 'unknown' ? undefined : state],
    ['attempts', attempt === undefined ? undefined : String(attempt)],
    ['tape', tapePrefix(parseRecordingId(call.recordingId))],
    ['live', call.live === 'on' ? livePrefix(parseRecordingId(call.recordingId)) : undefined],
    [
      'on the tape',
      counters &&
        `${clock(counters.mediaMs)} in ${count(counters.fragments, 'fragment')}, ${count(counters.segments, 'object')}, ${size(counters.bytes)}`,
    ],
    ['up to', at === undefined ? undefined : zone.timeWithZone(new Date(at).toISOString())],
    ['recorder ended', ended && `${zone.timeWithZone(ended.at)}, ${ended.reason}`],
    ['because', ended?.why],
    ['last resumption', lastResumption(call, zone)],
    ['stream', call.streamArn],
    [
      'checkpoint',
      checkpoint === undefined ? 'none: no task has claimed the recording, or it has expired' : undefined,
    ],
  ];
}

function lastResumption(
  { resumptions = [], resumptionCount }: CallRecord,
  zone: TimeZone,
): string | undefined {
  const last = resumptions.at(-1);
  if (last === undefined) return undefined;
  const { at, by, why, gaveUp } = last;
  const what = gaveUp === true ? 'given up' : `number ${resumptionCount ?? resumptions.length}`;
  return `${what}, ${zone.timeWithZone(at)}, by ${by === 'schedule' ? 'the deployment itself' : 'a person'}: ${why}`;
}

function section(title: string, rows: readonly Row[], paint: Paint): string[] {
  const known = rows.flatMap(([label, value, painted]) =>
    value === undefined ? [] : [{ label: printable(label), value: painted ? value : printable(value) }],
  );
  if (known.length === 0) return [];
  const width = Math.max(...known.map(({ label }) => label.length));
  const lines = known.map(({ label, value }) => `  ${paint('dim', label.padEnd(width))}  ${value}`);
  return title === '' ? lines : ['', paint('bold', title), ...lines];
}
