/** Everything that is known of a call. */
import {
  type CallRecord,
  type Gap,
  isFinal,
  type Loss,
  type MediaFacts,
  TRACKS,
} from '../../recording/call-record.ts';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import type { ExecutionState } from '../../ports/execution-states.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { tapePrefix } from '../../recording/keys.ts';
import type { Access } from '../access.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type Io, paintOf, print, printJson } from '../io.ts';
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
  time,
} from '../terminal.ts';
import { callsOf } from './identify.ts';
import { SIDES } from './sides.ts';

export interface ShowArguments {
  readonly id: string;
  readonly gaps: boolean;
  readonly json: boolean;
}

export async function showCall(access: Access, io: Io, args: ShowArguments): Promise<ExitCode> {
  const calls = await callsOf(access, args.id);
  const found = await Promise.all(
    calls.map(async (call) => ({ call, checkpoint: await access.checkpoints.read(call.recordingId) })),
  );
  if (args.json) {
    printJson(
      io,
      found.map(({ call, checkpoint }) => ({ ...call, checkpoint: checkpoint && plain(checkpoint) })),
    );
    return EXIT.ok;
  }
  const paint = paintOf(io);
  for (const [index, { call, checkpoint }] of found.entries()) {
    const heading = found.length > 1 ? [paint('bold', `Recording ${index + 1} of ${found.length}`), ''] : [];
    const state = await access.states.stateOf(checkpoint?.owner ?? call.executionArn);
    print(
      io,
      [...(index > 0 ? [''] : []), ...heading, ...describe(call, checkpoint, state, args.gaps, paint)].join(
        '\n',
      ),
    );
  }
  return EXIT.ok;
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

function describe(
  call: CallRecord,
  checkpoint: Checkpoint | undefined,
  state: ExecutionState,
  allGaps: boolean,
  paint: Paint,
): string[] {
  return [
    ...section(
      '',
      [...identityRows(call, isResumed(call, checkpoint, state), paint), ...whoRows(call)],
      paint,
    ),
    ...section('Audio', [...audioRows(call), ...mediaRows(call)], paint),
    ...section('Losses', (call.losses ?? []).map(lossRow), paint),
    ...gapLines(call, allGaps, paint),
    ...section('Recorder', recorderRows(call, checkpoint, state), paint),
  ];
}

/** The record keeps its last result until the resumed recording is assembled. */
function isResumed(call: CallRecord, checkpoint: Checkpoint | undefined, state: ExecutionState): boolean {
  const owner = checkpoint?.owner ?? call.executionArn;
  return isFinal(call.status) && owner !== call.executionArn && state !== 'over';
}

function identityRows(call: CallRecord, resumed: boolean, paint: Paint): Row[] {
  const status = paintStatus(paint, call.status);
  const ended = call.endedAt && `${time(call.endedAt)} UTC, ${call.endReason ?? 'for no known reason'}`;
  return [
    ['contact', call.contactId],
    ['recording', call.recordingId],
    ['status', resumed ? `${status}, as it was: it has been resumed since` : status, 'painted'],
    ['why', call.why],
    ['started', `${time(call.startedAt)} UTC`],
    ['ended', ended],
  ];
}

function whoRows(call: CallRecord): Row[] {
  const { queue, agent } = call;
  return [
    ['customer', call.customerNumber],
    ['dialled', call.systemNumber],
    ['queue', queue?.name ?? queue?.arn],
    ['agent', agent?.name ?? agent?.arn],
    ['agent joined', call.connectedToAgentAt && `${time(call.connectedToAgentAt)} UTC`],
    ['hung up', call.disconnectedAt && `${time(call.disconnectedAt)} UTC`],
    ['transferred from', call.previousContactId === call.contactId ? undefined : call.previousContactId],
    ['streams with', call.sharesStreamWith],
    ...Object.entries(call.attributes ?? {}).map(([name, value]): Row => [`attribute ${name}`, value]),
  ];
}

function audioRows({ audio, durationMs, verification }: CallRecord): Row[] {
  return [
    ['length', durationMs === undefined ? undefined : lengthOf(durationMs)],
    ['file', audio && `s3://${audio.bucket}/${audio.key}`],
    [
      'size',
      audio && `${size(audio.bytes)}, ${audio.sampleRate / 1000} kHz stereo: left customer, right agent`,
    ],
    ['sha256', audio && `${audio.sha256} (of the samples)`],
    ['verified', verification && verificationText(verification)],
  ];
}

function verificationText({
  method,
  why,
  fragmentsListed,
  fragmentsMissing,
}: NonNullable<CallRecord['verification']>) {
  if (method === 'NONE') return `could not be: ${why ?? 'no reason given'}`;
  return `the stream lists ${count(fragmentsListed ?? 0, 'fragment')}; ${fragmentsMissing ?? 0} could not be had`;
}

function mediaRows({ media }: CallRecord): Row[] {
  if (media === undefined) return [];
  const silent = TRACKS.filter((track) => media.gapMs[track] > 0).map(
    (track) => `${SIDES[track]} ${seconds(media.gapMs[track])}`,
  );
  return [
    ['fragments', String(media.fragments)],
    ['gaps', media.gapCount === 0 ? 'none' : `${media.gapCount}: silence of ${silent.join(', ')}`],
    ['clock jumps', media.reanchored === 0 ? undefined : String(media.reanchored)],
    ['ahead of its times', aheadText(media)],
    ['wrong times', counted(media.strayBlocks, 'block')],
    ['late', counted(media.lateBlocks, 'block')],
    ['furthest behind', seconds(media.maxBehindMs)],
    ['reopened', count(media.reopenings, 'time')],
    ['resumed', count(media.resumes, 'time')],
  ];
}

/** Which side's audio ran ahead of its own times, and how far at most; undefined where neither did. */
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

function recorderRows(call: CallRecord, checkpoint: Checkpoint | undefined, state: ExecutionState): Row[] {
  const { counters, position, ended, attempt, owner } = checkpoint ?? {};
  const at = position?.lastServerTimestamp;
  return [
    ['execution', owner ?? call.executionArn],
    ['execution is', state === 'unknown' ? undefined : state],
    ['attempts', attempt === undefined ? undefined : String(attempt)],
    ['tape', tapePrefix(parseRecordingId(call.recordingId))],
    [
      'on the tape',
      counters &&
        `${clock(counters.mediaMs)} in ${count(counters.fragments, 'fragment')}, ${count(counters.segments, 'object')}, ${size(counters.bytes)}`,
    ],
    ['up to', at === undefined ? undefined : `${time(new Date(at).toISOString())} UTC`],
    ['recorder ended', ended && `${time(ended.at)} UTC, ${ended.reason}`],
    ['because', ended?.why],
    ['last resumption', lastResumption(call)],
    ['stream', call.streamArn],
    [
      'checkpoint',
      checkpoint === undefined ? 'none: no task has claimed the recording, or it has expired' : undefined,
    ],
  ];
}

function lastResumption({ resumptions = [], resumptionCount }: CallRecord): string | undefined {
  const last = resumptions.at(-1);
  if (last === undefined) return undefined;
  const { at, by, why, gaveUp } = last;
  const what = gaveUp === true ? 'given up' : `number ${resumptionCount ?? resumptions.length}`;
  return `${what}, ${time(at)} UTC, by ${by === 'schedule' ? 'the deployment itself' : 'a person'}: ${why}`;
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
