/** Two hours of talk with a hold of ten minutes in which nothing comes: each word is written down once, and in its place. */
import { expect, test } from 'vitest';
import type { AudioSink } from '../../live/sinks/audio-sink.ts';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { startTalker } from '../../live/sinks/recognise/talker.ts';
import { TranscribeSink } from '../../live/sinks/transcribe/transcribe.ts';
import { EnergyHearing, type HeardUtterance } from '../../local/standins/transcribe/hearing.ts';
import { tonesIn } from '../../local/standins/transcribe/tones.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import type { Transcribe, TranscribeResult } from '../../ports/transcribe/transcribe.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { isSegment, isUntranscribed } from '../../recording/transcript/segment.ts';
import { audioOf, conversation, expected, RATE, type Spoken } from '../live/transcribe/support.ts';
import { RECORDING, RECORDING_ID } from '../support/call.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { scriptedRecogniser } from '../support/scripted.ts';

const MINUTES = 120;
const HOLD = { from: 50, to: 60 };
const TOLERANCE_MS = 60;

/** Minutes that are said in turn, and their audio; the last one is silent. */
const SAID = [1, 2, 3, 4, 5, 6, 7].map((seed) => conversation(60, seed));
const AUDIO = [...SAID, []].map((spoken) => audioOf(spoken, 60));

function kindOf(minute: number): number {
  return minute >= HOLD.from && minute < HOLD.to ? SAID.length : minute % SAID.length;
}

function grouped<T extends { readonly said: string }>(words: readonly T[]): Map<string, T[]> {
  const named = new Map<string, T[]>();
  for (const word of words) {
    const own = named.get(word.said);
    if (own) own.push(word);
    else named.set(word.said, [word]);
  }
  return named;
}

const later = (spoken: readonly Spoken[], minute: number) =>
  spoken.map((one) => ({ ...one, startFrame: one.startFrame + minute * 60 * RATE }));

async function giveMinute(sink: AudioSink, minute: number): Promise<void> {
  const stereo = AUDIO[kindOf(minute)] ?? Buffer.alloc(0);
  for (let second = 0; second < 60; second += 1) {
    const part = stereo.subarray(second * RATE * 4, (second + 1) * RATE * 4);
    await sink.audio((minute * 60 + second) * RATE, part);
  }
}

async function expectAll(transcripts: MemoryTranscripts): Promise<void> {
  const rows = await transcripts.ofRecording(RECORDING_ID);
  expect(rows.filter(isUntranscribed)).toEqual([]);
  const said = rows
    .filter(isSegment)
    .flatMap(({ channel, words }) =>
      words.map(({ text, startMs, endMs }) => ({ said: `${channel} ${text}`, startMs, endMs })),
    );
  const wanted = Array.from({ length: MINUTES }, (_, minute) =>
    later(SAID[kindOf(minute)] ?? [], minute),
  ).flatMap(expected);
  expect(said).toHaveLength(wanted.length);
  const named = grouped(said);
  for (const want of wanted) {
    const own = named.get(want.said) ?? [];
    const at = own.findIndex(
      ({ startMs, endMs }) =>
        Math.abs(startMs - want.startMs) <= TOLERANCE_MS && Math.abs(endMs - want.endMs) <= TOLERANCE_MS,
    );
    expect(at, `${want.said} at ${want.startMs} ms`).toBeGreaterThanOrEqual(0);
    own.splice(at, 1);
  }
}

test('by a recogniser, which is begun anew amid the hold', { timeout: 180_000 }, async () => {
  const [transcripts, clock] = [new MemoryTranscripts(), new ManualClock(0)];
  const opened = async (startFrame: number) => {
    const options = { transcripts, clock, telemetry: silentTelemetry, hungMs: 60_000 };
    const sink = new RecogniseSink(startTalker(scriptedRecogniser('tones')), options);
    await sink.start({ recording: RECORDING, sampleRate: RATE, originMs: 0, startFrame });
    return sink;
  };
  const give = async (sink: RecogniseSink, from: number, to: number) => {
    for (let minute = from; minute < to; minute += 1) await giveMinute(sink, minute);
  };
  const first = await opened(0);
  await give(first, 0, HOLD.from);
  // Nothing comes for ten minutes; whoever writes it down dies, and is given the silence when it comes.
  await clock.advance((HOLD.to - HOLD.from) * 60_000);
  await expect.poll(() => first.safe, { timeout: 60_000 }).toBeGreaterThan((HOLD.from * 60 - 30) * RATE);
  first.close();
  const second = await opened((HOLD.from - 1) * 60 * RATE);
  await give(second, HOLD.from - 1, MINUTES);
  await second.end('ended');
  second.close();

  await expectAll(transcripts);
});

/** The service without its wire: it hears what is sent, and says what it heard when it hears that it is over. */
const service: Transcribe = {
  open: (_, audio) => {
    const heard: TranscribeResult[] = [];
    const hearing = new EnergyHearing(
      RATE,
      (samples) => tonesIn(samples, RATE),
      (utterance) => heard.push(resultOf(utterance)),
    );

    async function* results() {
      for await (const chunk of audio) {
        hearing.give(Buffer.from(chunk));
        if (heard.length > 0) yield heard.splice(0);
      }
      await hearing.end();
      if (heard.length > 0) yield heard.splice(0);
    }
    return Promise.resolve({ expiresAtMs: undefined, results: results() });
  },
};

function resultOf({ id, channel, startFrame, endFrame, words, isFinal }: HeardUtterance): TranscribeResult {
  const seconds = (frame: number) => Math.round((frame / RATE) * 1_000) / 1_000;
  const items = words.map((word) => ({
    text: word.text,
    isPunctuation: false,
    startSeconds: seconds(word.startFrame),
    endSeconds: seconds(word.endFrame),
  }));
  const text = words.map((word) => word.text).join(' ');
  const span = { startSeconds: seconds(startFrame), endSeconds: seconds(endFrame) };
  return { id, isPartial: !isFinal, channel, ...span, text, items, entities: [], language: 'en-US' };
}

test('by Transcribe, whose streams follow one another', { timeout: 180_000 }, async () => {
  const [transcripts, clock] = [new MemoryTranscripts(), new ManualClock(0)];
  const request = {
    languages: ['en-US'],
    vocabularies: [],
    filters: [],
    filterMethod: undefined,
    pii: undefined,
  };
  const sink = new TranscribeSink({
    transcribe: service,
    transcripts,
    request: { ...request, piiTypes: [] },
    clock,
    random: () => 0.5,
    telemetry: silentTelemetry,
    streamMs: 1_500_000,
    endMs: 600_000,
  });
  await sink.start({ recording: RECORDING, sampleRate: RATE, originMs: 0, startFrame: 0 });
  const over = new AbortController();
  const given = (async () => {
    for (let minute = 0; minute < MINUTES; minute += 1) {
      // Nothing comes in the hold; its silence comes behind it.
      if (minute === HOLD.from) await clock.sleep((HOLD.to - HOLD.from) * 60_000);
      await giveMinute(sink, minute);
    }
    await sink.end('ended');
  })().finally(() => {
    over.abort();
  });
  while (!over.signal.aborted) await clock.advance(1_000);
  await given;
  sink.close();
  await expectAll(transcripts);
});
