/** What must be so after every run, whatever happened in it. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import type { CallResult } from '../../local/run/run-call.ts';
import type { System } from '../../local/system/system.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { checkpointsIn } from '../../ports/table/dynamodb-table.ts';
import { S3Tape } from '../../ports/tape/s3-tape.ts';
import { recordingId } from '../../recording/identity.ts';
import { RATE } from '../support/local-run.ts';
import type { Trial } from './trial.ts';

const HEADER_BYTES = 44;

const completeRecord = v.object({
  status: v.literal('COMPLETE'),
  losses: v.pipe(v.array(v.unknown()), v.maxLength(0)),
  audio: v.object({ key: v.string(), sha256: v.string() }),
  verification: v.object({ method: v.string(), fragmentsMissing: v.optional(v.literal(0)) }),
});

const incompleteRecord = v.object({
  status: v.literal('INCOMPLETE'),
  losses: v.pipe(v.array(v.unknown()), v.minLength(1)),
  audio: v.object({ key: v.string() }),
  media: v.object({
    gaps: v.array(v.object({ track: v.string(), startMs: v.number(), lengthMs: v.number() })),
  }),
});

/** @returns in words; empty when all is well: the WAV is the source, byte for byte, and the record says so. */
export async function violations(system: System, trial: Trial, result: CallResult): Promise<string[]> {
  const wrong: string[] = [];
  if (result.execution?.status !== 'SUCCEEDED')
    wrong.push(`the execution ended as ${JSON.stringify(result.execution)}`);
  const { success, output, issues } = v.safeParse(completeRecord, result.record);
  if (!success) {
    const why = issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`).join(', ');
    return [...wrong, `the record is not that of a whole recording (${why}): ${says(result)}`];
  }
  const expected = interleaved(trial.channels);
  const wav = await objectOf(system, output.audio.key);
  const difference = firstDifference(wav.subarray(HEADER_BYTES), expected);
  if (difference !== undefined) wrong.push(difference);
  if (output.audio.sha256 !== createHash('sha256').update(expected).digest('hex'))
    wrong.push('the record’s SHA-256 is not that of the source');
  return [...wrong, ...(await wrongOnTape(system, trial)), ...(await wrongInCheckpoint(system, trial))];
}

function says({ record }: CallResult): string {
  const { status, why, losses, media, verification } = record ?? {};
  return JSON.stringify({ status, why, losses, media, verification });
}

async function wrongOnTape(system: System, trial: Trial): Promise<string[]> {
  const { held, wrong } = await onTape(system, trial);
  const missing = trial.call.own.filter(({ number }) => !held.has(number)).length;
  return missing > 0 ? [...wrong, `${missing} fragments are not on the tape`] : wrong;
}

/** Every object holds the source's fragments as they came, from its first to its last. */
async function onTape({ s3, bucket }: System, { call }: Trial) {
  const tape = new S3Tape(s3, bucket);
  const wrong: string[] = [];
  const held = new Set<bigint>();
  for await (const { key, first, last } of tape.list(call)) {
    const own = call.own.filter(({ number }) => number >= first && number <= last);
    const bytes = Buffer.concat(own.map(({ document }) => document));
    if (!bytes.equals(Buffer.concat(await tape.read(key))))
      wrong.push(`the tape object ${key} is not what the stream held`);
    for (const { number } of own) held.add(number);
  }
  return { held, wrong };
}

async function wrongInCheckpoint({ dynamoDb, tables }: System, { call }: Trial): Promise<string[]> {
  const checkpoints = new TableCheckpoints(checkpointsIn(dynamoDb, tables.checkpoints), systemClock);
  const checkpoint = await checkpoints.read(recordingId(call));
  if (checkpoint?.ended?.reason !== 'DISCONNECTED')
    return [`the checkpoint ends as ${JSON.stringify(checkpoint?.ended)}`];
  return checkpoint.position?.lastFragmentNumber === call.own.at(-1)?.number
    ? []
    : ['the checkpoint does not stand at the last fragment'];
}

/**
 * Checks a call of which the stream forgot a part that nobody had read: the WAV is silent there and nowhere else, and
 * the record says so. @returns in words
 */
export async function violationsWhereGone(
  system: System,
  trial: Trial,
  result: CallResult,
): Promise<string[]> {
  const parsed = v.safeParse(incompleteRecord, result.record);
  if (!parsed.success) return [`the record is not that of an incomplete recording: ${says(result)}`];
  const { audio, media } = parsed.output;
  const { held, wrong } = await onTape(system, trial);
  const spans = spansWithout(held, trial);
  if (spans.length === 0) wrong.push('nothing is gone');
  const endMs = (trial.channels[0].length * 1000) / RATE;
  // Where the beginning or the end is gone, the WAV holds what lies between.
  const isEnd = ({ startMs, lengthMs }: Span) => startMs + lengthMs === endMs;
  const fromMs = spans.find(({ startMs }) => startMs === 0)?.lengthMs ?? 0;
  const toMs = spans.find(isEnd)?.startMs ?? endMs;
  const gone = spans
    .filter((span) => span.startMs > 0 && !isEnd(span))
    .map(({ startMs, lengthMs }) => ({ startMs: startMs - fromMs, lengthMs }));
  const frame = (ms: number) => (ms * RATE) / 1000;
  const channels = trial.channels.map((samples) => {
    const rest = samples.slice(frame(fromMs), frame(toMs));
    for (const { startMs, lengthMs } of gone) rest.fill(0, frame(startMs), frame(startMs + lengthMs));
    return rest;
  });
  const [customer = new Int16Array(), agent = new Int16Array()] = channels;
  const wav = await objectOf(system, audio.key);
  const difference = firstDifference(wav.subarray(HEADER_BYTES), interleaved([customer, agent]));
  if (difference !== undefined) wrong.push(difference);
  for (const track of ['AUDIO_FROM_CUSTOMER', 'AUDIO_TO_CUSTOMER']) {
    const declared = media.gaps.filter((gap) => gap.track === track);
    const expected = gone.map((span) => ({ track, ...span }));
    if (!isDeepStrictEqual(declared, expected))
      wrong.push(`gaps ${JSON.stringify(declared)}, not ${JSON.stringify(expected)}`);
  }
  return wrong;
}

interface Span {
  readonly startMs: number;
  readonly lengthMs: number;
}

/** The spans of the call whose fragments are not on the tape; neighbours are one. */
function spansWithout(held: ReadonlySet<bigint>, { call, channels }: Trial): Span[] {
  const startMs = (index: number) => {
    const fragment = call.own[index];
    if (fragment === undefined) return (channels[0].length * 1000) / RATE;
    return fragment.producerTimestampMs - (call.own[0]?.producerTimestampMs ?? 0);
  };
  const spans: Span[] = [];
  for (const [index, { number }] of call.own.entries()) {
    if (held.has(number)) continue;
    const last = spans.at(-1);
    const follows = last !== undefined && last.startMs + last.lengthMs === startMs(index);
    if (follows) spans.pop();
    const fromMs = follows ? last.startMs : startMs(index);
    spans.push({ startMs: fromMs, lengthMs: startMs(index + 1) - fromMs });
  }
  return spans;
}

async function objectOf({ s3, bucket }: System, key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** Puts samples as a WAV's data chunk holds them: left and right in turn, little-endian. */
export function interleaved([left, right]: readonly [Int16Array, Int16Array]): Buffer {
  const bytes = Buffer.alloc(4 * left.length);
  for (let frame = 0; frame < left.length; frame += 1) {
    bytes.writeInt16LE(left[frame] ?? 0, 4 * frame);
    bytes.writeInt16LE(right[frame] ?? 0, 4 * frame + 2);
  }
  return bytes;
}

function firstDifference(actual: Buffer, expected: Buffer): string | undefined {
  if (actual.equals(expected)) return undefined;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  return `the WAV has ${actual.length} bytes of ${expected.length}, and differs from byte ${at} on`;
}
