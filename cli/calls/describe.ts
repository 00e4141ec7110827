/** A call in words, section by section: who spoke, what became of it, and how it was recorded. */
import { type CallRecord, type Gap, isFinal, type Loss } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { tapePrefix } from '../../recording/tape/keys.ts';
import { livePrefix } from '../../recording/tape/live-keys.ts';
import { clock, count, type Paint, paintStatus, seconds, size, table } from '../terminal/terminal.ts';
import type { TimeZone } from '../terminal/time-zone.ts';
import type { Standing } from './advice.ts';
import { audioRows, mediaRows } from './describe-audio.ts';
import { type Row, section } from './section.ts';
import { SIDES } from './sides.ts';

interface Style {
  readonly allGaps: boolean;
  readonly zone: TimeZone;
  readonly paint: Paint;
  readonly advice: readonly string[];
  /** What the call was asked for by: `calls fetch` calls its file so. */
  readonly id: string;
}

export function describe(standing: Standing, { allGaps, zone, paint, advice, id }: Style): string[] {
  const { call } = standing;
  return [
    ...section(
      '',
      [...identityRows(standing, zone, paint), ...adviceRows(advice), ...whoRows(call, zone)],
      paint,
    ),
    ...section('Audio', [...audioRows(call, zone, id), ...mediaRows(call)], paint),
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
