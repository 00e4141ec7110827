/** The window beside the plainest that does the same: an array that holds all of the audio. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../recording/audio/pcm.ts';
import { StereoWindow } from '../../../recording/audio/stereo-window.ts';
import { runs } from '../../support/runs.ts';

const WINDOW_SECONDS = 60;

interface Placed {
  readonly channel: Channel;
  /** Frames behind the furthest sample so far, or, below 0, beyond it. */
  readonly back: number;
  readonly length: number;
}

/** Little enough a second that minutes of audio are quick. */
const placements = fc.record({
  sampleRate: fc.constantFrom(1, 7, 100),
  placed: fc.array(
    fc.record({
      channel: fc.constantFrom<Channel>(0, 1),
      back: fc.oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -20_000, max: 7_000 })),
      length: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9_000 })),
    }),
    { minLength: 1, maxLength: 30 },
  ),
});

/** Samples that tell where they came from, none of them silence. */
function samplesOf(length: number, seed: number): Uint8Array {
  const bytes = Buffer.alloc(length * 2);
  for (let index = 0; index < length; index += 1)
    bytes.writeUInt16LE(1 + ((index * 7 + seed * 997) % 65_535), index * 2);
  return bytes;
}

function through(window: StereoWindow, sampleRate: number, placed: readonly Placed[], within: boolean) {
  const out: Buffer[] = [];
  const take = (chunks: Iterable<Uint8Array>) => {
    for (const chunk of chunks) {
      expect(chunk.length).toBeGreaterThan(0);
      out.push(Buffer.from(chunk));
    }
  };
  const starts: number[] = [];
  let frames = 0;
  placed.forEach(({ channel, back, length }, seed) => {
    const start = Math.max(window.edge, window.furthest - back);
    const pcm = samplesOf(length, seed);
    if (!within || !window.placeWithin(channel, start, pcm)) take(window.place(channel, start, pcm));
    frames = Math.max(frames, start + length);
    starts.push(start);
    expect(window.furthest).toBe(frames);
    expect(window.edge).toBe(Math.max(0, frames - sampleRate * WINDOW_SECONDS));
  });
  take(window.finish());
  return { audio: Buffer.concat(out), frames, starts };
}

function plainly(placed: readonly Placed[], starts: readonly number[], frames: number): Buffer {
  const audio = Buffer.alloc(frames * 4);
  placed.forEach(({ channel, length }, seed) => {
    const start = starts[seed] ?? 0;
    const pcm = Buffer.from(samplesOf(length, seed));
    for (let index = 0; index < length; index += 1)
      pcm.copy(audio, (start + index) * 4 + channel * 2, index * 2, index * 2 + 2);
  });
  return audio;
}

describe('the stereo window', () => {
  it.each([
    ['as there is room', true],
    ['always by settling', false],
  ])('gives every sample its place, and silence to all others (%s)', (_, within) => {
    fc.assert(
      fc.property(placements, ({ sampleRate, placed }) => {
        const window = new StereoWindow(sampleRate, WINDOW_SECONDS);
        const { audio, frames, starts } = through(window, sampleRate, placed, within);
        expect(audio.equals(plainly(placed, starts, frames))).toBe(true);
      }),
      { numRuns: runs(150) },
    );
  });

  it('gives out long audio chunk by chunk, and holds no more of it than the window and a minute', () => {
    const sampleRate = 2_000;
    const pcm = samplesOf(sampleRate * 600, 1);
    const window = new StereoWindow(sampleRate, WINDOW_SECONDS);
    const left = new Int16Array(pcm.length / 2);
    let frames = 0;
    let most = 0;
    const take = (chunk: Uint8Array) => {
      most = Math.max(most, window.furthest - frames);
      const samples = new Int16Array(new Uint8Array(chunk).buffer);
      left.set(
        samples.filter((_, at) => at % 2 === 0),
        frames,
      );
      frames += chunk.length / 4;
    };
    for (const chunk of window.place(0, 0, pcm)) take(chunk);
    for (const chunk of window.finish()) take(chunk);
    expect(frames).toBe(left.length);
    expect(Buffer.from(left.buffer).equals(pcm)).toBe(true);
    expect(most).toBeLessThanOrEqual(sampleRate * 2 * WINDOW_SECONDS);
  });
});
