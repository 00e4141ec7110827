/** What came of a run, for a person to read. */
import { resolve } from 'node:path';
import * as v from 'valibot';
import type { Json } from '../standins/json.ts';
import type { OutputFiles } from './output.ts';
import type { CallResult } from './run-call.ts';

/** What is shown of the call record. */
const Shown = v.object({
  contactId: v.string(),
  status: v.string(),
  why: v.optional(v.string()),
  startedAt: v.string(),
  endedAt: v.optional(v.string()),
  endReason: v.optional(v.string()),
  durationMs: v.optional(v.number()),
  attempts: v.optional(v.number()),
  audio: v.optional(
    v.object({ frames: v.number(), sampleRate: v.number(), bytes: v.number(), sha256: v.string() }),
  ),
  media: v.optional(
    v.object({
      fragments: v.number(),
      gapCount: v.number(),
      gapMs: v.record(v.string(), v.number()),
      reopenings: v.number(),
      resumes: v.number(),
    }),
  ),
  losses: v.optional(v.array(v.object({ kind: v.string(), why: v.string() })), []),
  transcript: v.optional(
    v.union([
      v.object({
        words: v.number(),
        segments: v.number(),
        untranscribedMs: v.number(),
        sources: v.array(v.string()),
      }),
      v.object({ why: v.string() }),
    ]),
  ),
  verification: v.optional(v.object({ method: v.string(), why: v.optional(v.string()) })),
});
type Shown = v.InferOutput<typeof Shown>;

type Row = readonly [label: string, value: string];

/** @returns lines */
export function summary(result: CallResult, files: OutputFiles, killAtSeconds?: number): string {
  const { success, output } = v.safeParse(Shown, result.record);
  return [
    ...section('Call record', success ? recordRows(output) : [['record', 'none that can be read']]),
    ...section('The connect function answered the contact flow', Object.entries(result.answer)),
    ...result.events.flatMap((event) =>
      section(`Published on EventBridge: ${event.detailType}`, detailRows(event.detail)),
    ),
    ...(result.killed === undefined
      ? []
      : section('Crash', [['first task', killed(result.killed, killAtSeconds ?? 0)]])),
    ...section('Files', [
      ...(files.wav === undefined ? [] : [['recording', resolve(files.wav)] as const]),
      ...(files.further ?? []).map((file) => ['recording', resolve(file)] as const),
      ['call record', resolve(files.record)],
      ...(files.report === undefined ? [] : [['report', resolve(files.report)] as const]),
    ]),
  ].join('\n');
}

function recordRows(record: Shown): Row[] {
  const { audio, media, verification } = record;
  return [
    ['contact', record.contactId],
    ['status', record.status],
    ...row('why', record.why),
    ['started', record.startedAt],
    ...row('ended', record.endedAt && `${record.endedAt} (${record.endReason ?? 'unknown'})`),
    ...row('duration', record.durationMs === undefined ? undefined : seconds(record.durationMs)),
    ...row(
      'audio',
      audio &&
        `${String(audio.frames)} frames at ${String(audio.sampleRate)} Hz, ${String(audio.bytes)} bytes`,
    ),
    ...row('sha256', audio && `${audio.sha256} (of the samples)`),
    ...row('fragments', media && String(media.fragments)),
    ...row('gaps', media && gaps(media)),
    ...row('tasks', record.attempts === undefined ? undefined : String(record.attempts)),
    ...row('resumes', media && String(media.resumes)),
    ...row('reopenings', media && String(media.reopenings)),
    ...record.losses.map((loss): Row => ['loss', `${loss.kind}: ${loss.why}`]),
    ...row('words', record.transcript && words(record.transcript)),
    ...row('verified by', verification && [verification.method, verification.why].filter(Boolean).join(': ')),
  ];
}

function detailRows(detail: Json): Row[] {
  if (typeof detail !== 'object' || detail === null) return [];
  return Object.entries(detail).map(([name, value]) => {
    return [name, typeof value === 'string' ? value : JSON.stringify(value)];
  });
}

/** Says how long no audio came. What is heard of callers who say nothing is audio, too. */
function gaps({ gapCount, gapMs }: NonNullable<Shown['media']>): string {
  if (gapCount === 0) return 'none';
  const tracks = Object.entries(gapMs).map(([track, ms]) => `${seconds(ms)} ${track}`);
  return `${String(gapCount)}, in which no audio came: ${tracks.join(', ')}`;
}

/** And how to read them. */
function words(transcript: NonNullable<Shown['transcript']>): string {
  if ('why' in transcript) return `none: ${transcript.why}`;
  const { words: count, segments, untranscribedMs, sources } = transcript;
  const missing = untranscribedMs > 0 ? `, and nothing of ${seconds(untranscribedMs)}` : '';
  return `${String(count)} in ${String(segments)} segments, by ${sources.join(', ')}${missing}; callspool calls show --words has them`;
}

function killed(done: boolean, atSeconds: number): string {
  return done
    ? `killed once ${String(atSeconds)} s of audio were checkpointed`
    : `not killed: the call was over before ${String(atSeconds)} s of audio were checkpointed`;
}

function row(label: string, value: string | undefined): Row[] {
  return value === undefined ? [] : [[label, value]];
}

function section(title: string, rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return ['', title, ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`)];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
