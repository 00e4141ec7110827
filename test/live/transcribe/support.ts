/** Calls made of tones, each of which is a word, and a sink that has the stand-in of Transcribe write them down. */
import { onTestFinished } from 'vitest';
import type { TranscribeOptions } from '../../../live/sinks/transcribe/options.ts';
import { TranscribeSink } from '../../../live/sinks/transcribe/transcribe.ts';
import { clientConfig } from '../../../local/standins/environment.ts';
import { seededRandom } from '../../../local/standins/kinesis-video/random.ts';
import { EnergyHearing } from '../../../local/standins/transcribe/hearing.ts';
import {
  startTranscribe,
  type StreamLog,
  type TranscribeOptions as StandinOptions,
  type TranscribeStandin,
} from '../../../local/standins/transcribe/server.ts';
import { tone, tonesIn, toneWord } from '../../../local/standins/transcribe/tones.ts';
import type { Clock } from '../../../ports/runtime/clock.ts';
import { SdkTranscribe } from '../../../ports/transcribe/sdk-transcribe.ts';
import { MemoryTranscripts } from '../../../ports/transcripts/memory-transcripts.ts';
import type { Channel } from '../../../recording/audio/pcm.ts';
import { isSegment, isUntranscribed, SPEAKERS } from '../../../recording/transcript/segment.ts';
import { RECORDING, RECORDING_ID } from '../../support/call.ts';
import { settled } from '../../support/manual-clock.ts';
import { patientClock } from '../../support/patient-clock.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

export const RATE = 8_000;
export const SEED = 20_260_301;

export interface Spoken {
  readonly word: number;
  readonly channel: Channel;
  readonly startFrame: number;
  readonly frames: number;
}

/** Both sides say words of 160 to 300 ms, some to an utterance, over so many seconds. */
export function conversation(seconds: number, seed = SEED): Spoken[] {
  const random = seededRandom(seed);
  return ([0, 1] as const).flatMap((channel) => {
    const spoken: Spoken[] = [];
    let at = 0.3 + random();
    while (at < seconds - 3) {
      for (let words = 1 + Math.floor(random() * 6); words > 0; words -= 1) {
        const length = 0.16 + random() * 0.14;
        spoken.push({
          word: spoken.length % 150,
          channel,
          startFrame: Math.round(at * RATE),
          frames: Math.round(length * RATE),
        });
        at += length + 0.08 + random() * 0.1;
      }
      at += 0.9 + random() * 2;
    }
    return spoken.filter(({ startFrame, frames }) => startFrame + frames < (seconds - 1) * RATE);
  });
}

export function audioOf(spoken: readonly Spoken[], seconds: number): Buffer {
  const stereo = Buffer.alloc(seconds * RATE * 4);
  for (const { word, channel, startFrame, frames } of spoken)
    for (const [index, sample] of tone(word, frames, RATE).entries())
      stereo.writeInt16LE(sample, (startFrame + index) * 4 + channel * 2);
  return stereo;
}

/** @param scale so many times as fast as real time everything goes, at most */
export async function newWorld(options: Partial<StandinOptions> = {}, scale = 40): Promise<World> {
  const clock = patientClock(scale);
  const standin = await startTranscribe({
    hearing: (sampleRate, tell) => new EnergyHearing(sampleRate, (samples) => tonesIn(samples, RATE), tell),
    clock,
    seed: SEED,
    ...options,
  });
  onTestFinished(() => standin.close());
  return new World(clock, standin);
}

export class World {
  readonly transcripts = new MemoryTranscripts();
  readonly telemetry = new RecordedTelemetry();
  readonly clock: Clock;
  readonly standin: TranscribeStandin;

  constructor(clock: Clock, standin: TranscribeStandin) {
    this.clock = clock;
    this.standin = standin;
  }

  get streams(): readonly StreamLog[] {
    return this.standin.streams;
  }

  async started(
    startFrame = 0,
    options: Partial<TranscribeOptions> = {},
    recording = RECORDING,
  ): Promise<TranscribeSink> {
    const sink = new TranscribeSink({
      transcribe: new SdkTranscribe(clientConfig(this.standin.url)),
      transcripts: this.transcripts,
      request: {
        languages: ['en-US'],
        vocabularies: [],
        filters: [],
        filterMethod: undefined,
        pii: undefined,
        piiTypes: [],
      },
      clock: this.clock,
      random: seededRandom(SEED),
      telemetry: this.telemetry,
      endMs: 600_000,
      ...options,
    });
    onTestFinished(() => {
      sink.close();
    });
    await sink.start({ recording, sampleRate: RATE, originMs: 0, startFrame });
    return sink;
  }

  /** `CUSTOMER tone3`, in order of time within each side. */
  async words(): Promise<{ readonly said: string; readonly startMs: number; readonly endMs: number }[]> {
    const rows = (await this.transcripts.ofRecording(RECORDING_ID)).filter(isSegment);
    const words = rows.flatMap(({ channel, words: own }) =>
      own.map(({ text, startMs, endMs }) => ({ said: `${channel} ${text}`, startMs, endMs })),
    );
    return words.sort((a, b) => (a.said < b.said ? -1 : 1)).sort((a, b) => a.startMs - b.startMs);
  }

  async untranscribed(): Promise<string[]> {
    const rows = await this.transcripts.ofRecording(RECORDING_ID);
    return rows.filter(isUntranscribed).map((row) => {
      return `${row.channel} ${String(row.startMs)}-${String(row.endMs)} ${row.untranscribed}`;
    });
  }
}

/** Gives seconds of audio, each when there is room for it. */
export async function give(sink: TranscribeSink, stereo: Buffer, from: number, to: number): Promise<void> {
  for (let frame = from; frame < to; frame += RATE)
    await sink.audio(frame, stereo.subarray(frame * 4, Math.min(frame + RATE, to) * 4));
}

/** A word’s times, as they are to be. */
export function expected(spoken: readonly Spoken[]) {
  const words = spoken.map(({ word, channel, startFrame, frames }) => ({
    said: `${SPEAKERS[channel]} ${toneWord(word)}`,
    startMs: (startFrame * 1000) / RATE,
    endMs: ((startFrame + frames) * 1000) / RATE,
  }));
  return words.sort((a, b) => (a.said < b.said ? -1 : 1)).sort((a, b) => a.startMs - b.startMs);
}

/** The most audio that came within so long, as a multiple of that. */
export function fastest({ chunks }: StreamLog, windowMs: number): number {
  let most = 0;
  for (const [first, { atMs }] of chunks.entries()) {
    const within = chunks.slice(first).filter((chunk) => chunk.atMs < atMs + windowMs);
    most = Math.max(
      most,
      within.reduce((sum, { frames }) => sum + frames, 0),
    );
  }
  return (most * 1000) / RATE / windowMs;
}

/** Resolves when it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await settled();
}
