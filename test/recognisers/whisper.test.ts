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

/** Chords of six partials, a melody that trembles, and a drum, at 120 beats a minute. */
function band(): Uint8Array {
  const random = seeded(3);
  const chords = [
    [262, 330, 392],
    [220, 262, 330],
    [175, 220, 262],
    [196, 247, 294],
  ];
  const beats = Array.from({ length: 40 }, (_, beat) => {
    const chord = chords[Math.floor(beat / 4) % chords.length] ?? [];
    return { chord, lead: 2 * (chord[random.integer(0, 2)] ?? 220) };
  });
  const partials = (hertz: number, count: number, at: number) =>
    Array.from({ length: count }, (_, index) => sine(hertz * (index + 1), at) / (index + 1)).reduce(
      (a, b) => a + b,
      0,
    );
  return sound(20, (at) => {
    const { chord, lead } = beats[Math.floor(at / (RATE / 2))] ?? { chord: [], lead: 0 };
    const since = (at % (RATE / 2)) / RATE;
    const fading = Math.exp(-2 * since);
    const trembling = lead * (1 + 0.002 * Math.sin(35 * since));
    const drum = since < 0.1 ? random.integer(-4_000, 4_000) * Math.exp(-50 * since) : 0;
    return (
      fading *
        (chord.reduce((sum, hertz) => sum + 900 * partials(hertz, 6, at), 0) +
          1_500 * partials(trembling, 4, at)) +
      drum
    );
  });
}

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
    ['music with chords and drums', band()],
  ])('invents nothing on %s', async (_, stereo) => {
    expect(await heard(stereo)).toEqual([]);
  });
});
