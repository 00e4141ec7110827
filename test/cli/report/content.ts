/** A report's content, for tests: a call of noise, as the recorder and the assembly would leave it. */
import type { ReportContent } from '../../../cli/report/page.ts';
import { peaksOf } from '../../../cli/report/peaks.ts';
import { wavHeader } from '../../../recording/audio/format/wav/header.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import {
  CONTACT_ID,
  EXECUTION_ARN,
  INSTANCE_ARN,
  RECORDING_ID,
  START_FRAGMENT_NUMBER,
  STARTED_AT,
  STREAM_ARN,
} from '../../support/call.ts';

export const SAMPLE_RATE = 8_000;

export function record(changes: Partial<CallRecord> = {}): CallRecord {
  return {
    contactId: CONTACT_ID,
    startFragmentNumber: START_FRAGMENT_NUMBER.toString(),
    recordingId: RECORDING_ID,
    status: 'COMPLETE',
    executionArn: EXECUTION_ARN,
    streamArn: STREAM_ARN,
    startedAt: STARTED_AT,
    day: STARTED_AT.slice(0, 10),
    instanceArn: INSTANCE_ARN,
    customerNumber: '+15550100',
    endReason: 'DISCONNECTED',
    ...changes,
  };
}

/** Interleaved: on the left a tone of 400 Hz, on the right one of 700 Hz at half the level. */
export function tones(seconds: number): Uint8Array {
  const frames = seconds * SAMPLE_RATE;
  const view = new DataView(new ArrayBuffer(frames * 4));
  for (let frame = 0; frame < frames; frame += 1) {
    const turn = (2 * Math.PI * frame) / SAMPLE_RATE;
    view.setInt16(frame * 4, 16_000 * Math.sin(400 * turn), true);
    view.setInt16(frame * 4 + 2, 8_000 * Math.sin(700 * turn), true);
  }
  return new Uint8Array(view.buffer);
}

export function wavOf(pcm: Uint8Array): Uint8Array {
  return Buffer.concat([wavHeader(SAMPLE_RATE, pcm.length / 4), pcm]);
}

export async function* chunksOf(bytes: Uint8Array, chunkBytes = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    yield await Promise.resolve(bytes.subarray(at, at + chunkBytes));
  }
}

export async function content(seconds: number, changes: Partial<ReportContent> = {}): Promise<ReportContent> {
  const pcm = tones(seconds);
  return {
    record: record(),
    gaps: [],
    peaks: await peaksOf(chunksOf(pcm), pcm.length / 4, SAMPLE_RATE),
    audio: { kind: 'embedded', wav: wavOf(pcm) },
    ...changes,
  };
}
