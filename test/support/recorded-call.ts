/** A recorded call as it lies in tables and bucket, without a run of the whole system. */
import { createHash } from 'node:crypto';
import type { LocalCall } from '../../local/run/call.ts';
import { isNumbered } from '../../matroska/fragment.ts';
import { FragmentReader } from '../../matroska/reader.ts';
import type { Segment, Tape } from '../../ports/tape/tape.ts';
import { fileKey, recordKey, utcDay, wavKey } from '../../recording/audio/files/keys.ts';
import { FLAC } from '../../recording/audio/format/flac/flac.ts';
import { wavHeader } from '../../recording/audio/format/wav/header.ts';
import type { CallRecord, StoredFile } from '../../recording/call-record.ts';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import { recordingId } from '../../recording/identity.ts';
import type { OwnFragment } from '../../recording/ownership.ts';
import { layOut } from './audio.ts';
import { INSTANCE_ARN, STREAM_ARN } from './call.ts';

export const BUCKET = 'callspool-123456789012-us-east-1';

export interface RecordedCall {
  readonly record: CallRecord;
  readonly checkpoint: Checkpoint;
  readonly wav: Buffer;
  readonly segments: readonly Segment[];
  /** Key and bytes, tape excluded. */
  readonly objects: readonly (readonly [key: string, bytes: Uint8Array])[];
}

const FRAGMENTS_PER_SEGMENT = 2;

export function recordedCall(call: LocalCall, facts: Partial<CallRecord> = {}): RecordedCall {
  const fragments = callFragments(call);
  const { audio: samples, frames, sampleRate, gaps, gapMs } = layOut(fragments);
  const wav = Buffer.concat([wavHeader(sampleRate, frames), samples]);
  const startedAt = new Date(call.startedAtMs);
  const key = wavKey(call, startedAt);
  const id = recordingId(call);
  const executionArn = `arn:aws:states:us-east-1:123456789012:execution:callspool:${id}`;
  const record: CallRecord = {
    contactId: call.contactId,
    startFragmentNumber: call.startFragmentNumber.toString(),
    recordingId: id,
    status: 'COMPLETE',
    executionArn,
    streamArn: STREAM_ARN,
    startedAt: startedAt.toISOString(),
    day: utcDay(startedAt),
    instanceArn: INSTANCE_ARN,
    customerNumber: '+12025550143',
    endedAt: new Date(call.startedAtMs + 60_000).toISOString(),
    endReason: 'DISCONNECTED',
    durationMs: (frames * 1_000) / sampleRate,
    attempts: 1,
    audio: {
      bucket: BUCKET,
      key,
      bytes: wav.length,
      sha256: createHash('sha256').update(samples).digest('hex'),
      sampleRate,
      channels: 2,
      frames,
    },
    media: {
      fragments: fragments.length,
      gapCount: gaps.length,
      gapMs,
      gaps,
      reanchored: 0,
      reopenings: 1,
      resumes: 0,
      maxBehindMs: 1_500,
    },
    losses: [],
    verification: {
      method: 'LIST_FRAGMENTS',
      at: startedAt.toISOString(),
      fragmentsListed: 7,
      fragmentsMissing: 0,
    },
    ...facts,
  };
  const segments = inSegments(fragments);
  return {
    record,
    checkpoint: checkpointOf(record, fragments, segments),
    wav,
    segments,
    objects: [
      [key, wav],
      [recordKey(call, startedAt), Buffer.from(JSON.stringify(record))],
    ],
  };
}

/** With its FLAC beside the WAV, as an assembly stores it that is asked to. */
export function withFlac(call: LocalCall, recorded: RecordedCall): RecordedCall & { readonly flac: Buffer } {
  const { audio } = recorded.record;
  if (audio === undefined) throw new Error('a call without audio has no FLAC');
  const encoder = FLAC.encoder(audio);
  const samples = recorded.wav.subarray(recorded.wav.length - audio.frames * 4);
  const pieces: Buffer[] = [];
  for (const piece of encoder.encode(samples)) pieces.push(Buffer.from(piece));
  for (const piece of encoder.finish()) pieces.push(Buffer.from(piece));
  const data = Buffer.concat(pieces);
  const header = encoder.header(audio.frames);
  const flac = Buffer.concat([header, data]);
  const key = fileKey(call, new Date(call.startedAtMs), FLAC);
  const file: StoredFile = {
    format: FLAC.name,
    key,
    bytes: flac.length,
    headerBytes: header.length,
    sha256: audio.sha256,
    dataSha256: createHash('sha256').update(data).digest('hex'),
  };
  return {
    ...recorded,
    flac,
    record: { ...recorded.record, files: [file] },
    objects: [...recorded.objects, [key, flac]],
  };
}

/** A call's own fragments. */
export function callFragments(call: LocalCall): OwnFragment[] {
  return call.own.flatMap(({ document }) => fragmentsIn(document));
}

function fragmentsIn(document: Uint8Array): OwnFragment[] {
  const reader = new FragmentReader();
  reader.push(document);
  const fragments: OwnFragment[] = [];
  for (let next = reader.next(); next; next = reader.next()) if (isNumbered(next)) fragments.push(next);
  const last = reader.finish();
  if (last && isNumbered(last)) fragments.push(last);
  return fragments;
}

function inSegments(fragments: readonly OwnFragment[]): Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at < fragments.length; at += FRAGMENTS_PER_SEGMENT) {
    const run = fragments.slice(at, at + FRAGMENTS_PER_SEGMENT);
    const [first, last] = [run[0], run.at(-1)];
    if (first && last)
      segments.push({
        first: first.number,
        last: last.number,
        bytes: Buffer.concat(run.flatMap(({ pieces }) => pieces)),
      });
  }
  return segments;
}

function checkpointOf(
  record: CallRecord,
  fragments: readonly OwnFragment[],
  segments: readonly Segment[],
): Checkpoint {
  const last = fragments.at(-1);
  return {
    recordingId: record.recordingId,
    owner: record.executionArn,
    attempt: 1,
    ended: { reason: 'DISCONNECTED', at: record.endedAt ?? record.startedAt },
    ...(last && {
      position: {
        lastFragmentNumber: last.number,
        ...(last.serverTimestampMs !== undefined && { lastServerTimestamp: last.serverTimestampMs }),
      },
    }),
    counters: {
      fragments: fragments.length,
      restored: 0,
      bytes: segments.reduce((sum, { bytes }) => sum + bytes.length, 0),
      segments: segments.length,
      reopenings: 1,
      maxBehindMs: 1_500,
      mediaMs: record.durationMs ?? 0,
    },
    losses: [],
  };
}

/** The checkpoint as it stands in the table. */
export function checkpointItem({ position, counters, ...rest }: Checkpoint): Record<string, unknown> {
  return {
    ...rest,
    ...counters,
    ...(position && { ...position, lastFragmentNumber: position.lastFragmentNumber.toString() }),
  };
}

export async function putOnTape(tape: Tape, call: LocalCall, { segments }: RecordedCall): Promise<void> {
  for (const segment of segments) await tape.append(call, segment);
}
