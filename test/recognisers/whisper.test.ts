/** Our recogniser, on the sample call, whose words are known, and where nobody speaks. */
import { describe, expect, test } from 'vitest';
import type { Speaker } from '../../recording/transcript/segment.ts';
import { seeded } from '../support/random.ts';
import { heard, isRecogniserThere, RATE, sampleLines, samplePcm, titled } from './support.ts';
import { wordErrors, wordsOf } from './word-errors.ts';

/** 16-bit stereo: the same on both sides. */
function sound(seconds: number, sample: (at: number) => number): Uint8Array {
  const view = new DataView(new ArrayBuffer(seconds * RATE * 4));
  for (let at = 0; at < seconds * RATE; at += 1)
    for (const side of [0, 2]) view.setInt16(at * 4 + side, Math.round(sample(at)), true);
  return new Uint8Array(view.buffer);
}

const sine = (hertz: number, at: number) => Math.sin((2 * Math.PI * hertz * at) / RATE);

describe.skipIf(!isRecogniserThere)(titled('the recogniser'), { timeout: 300_000 }, () => {
  test('writes down both sides of the sample, at their times', async () => {
    const [lines, segments] = [await sampleLines(), await heard(await samplePcm())];

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
