/** Two hours of talk with a hold of ten minutes in which nothing comes: each word is written down once, and in its place. */
import { expect, test } from 'vitest';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { startTalker } from '../../live/sinks/recognise/talker.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { isSegment, isUntranscribed } from '../../recording/transcript/segment.ts';
import { RECORDING, RECORDING_ID } from '../support/call.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { scriptedRecogniser } from '../support/scripted.ts';
import { audioOf, conversation, expected, RATE, type Spoken } from './transcribe/support.ts';

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

test('by a recogniser, which is begun anew amid the hold', { timeout: 180_000 }, async () => {
  const [transcripts, clock] = [new MemoryTranscripts(), new ManualClock(0)];
  const opened = async (startFrame: number) => {
    const options = { transcripts, clock, telemetry: silentTelemetry, hungMs: 60_000 };
    const sink = new RecogniseSink(startTalker(scriptedRecogniser('tones')), options);
    await sink.start({ recording: RECORDING, sampleRate: RATE, originMs: 0, startFrame });
    return sink;
  };
  const give = async (sink: RecogniseSink, from: number, to: number) => {
    for (let minute = from; minute < to; minute += 1) {
      const stereo = AUDIO[kindOf(minute)] ?? Buffer.alloc(0);
      for (let second = 0; second < 60; second += 1)
        await sink.audio(
          (minute * 60 + second) * RATE,
          stereo.subarray(second * RATE * 4, (second + 1) * RATE * 4),
        );
    }
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
});
