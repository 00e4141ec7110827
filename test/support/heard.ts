/** Whoever listens, at its strictest: writes each output where it belongs, and minds that nothing comes twice or untold. */
import { expect } from 'vitest';
import type { GapWhy, LiveOutput, Span } from '../../live/timeline/outputs.ts';
import type { Channel } from '../../recording/audio/pcm.ts';

/** The bits that say what is heard of a frame of one side. */
const HEARD = 1;
const TOLD = 2;

/** One side. */
class Side {
  samples = new Int16Array(1 << 17);
  marks = new Uint8Array(1 << 17);

  reach(frames: number): void {
    if (frames <= this.marks.length) return;
    const length = Math.max(frames, 2 * this.marks.length);
    const [{ samples, marks }] = [this];
    this.samples = new Int16Array(length);
    this.samples.set(samples);
    this.marks = new Uint8Array(length);
    this.marks.set(marks);
  }
}

export class Heard {
  readonly #sides = [new Side(), new Side()] as const;
  readonly gaps: { readonly span: Span; readonly why: GapWhy }[] = [];
  #late = 0;
  #given = 0;

  /** Frames given as `late`. */
  get late(): number {
    return this.#late;
  }

  /** One past the last frame of the audio. */
  get given(): number {
    return this.#given;
  }

  /** What is before it was given to somebody else. */
  goOnAt(frame: number): void {
    this.#given = frame;
  }

  /** Writes samples where they belong, whatever was told of that. */
  replace(channel: Channel, startFrame: number, samples: Int16Array): void {
    this.#sides[channel].reach(startFrame + samples.length);
    this.#sides[channel].samples.set(samples, startFrame);
  }

  take(output: LiveOutput): void {
    switch (output.kind) {
      case 'audio':
        this.audio(output.startFrame, output.stereo);
        return;
      case 'late':
        this.takeLate(output.channel, output.startFrame, output.samples);
        return;
      case 'gap':
        this.gap(output.span, output.why);
    }
  }

  audio(startFrame: number, stereo: Uint8Array): void {
    expect(startFrame).toBe(this.#given);
    const samples = new Int16Array(new Uint8Array(stereo).buffer);
    expect(samples.length).toBeGreaterThan(0);
    for (const channel of [0, 1] as const) {
      const side = this.#sides[channel];
      side.reach(startFrame + samples.length / 2);
      for (let frame = 0; frame < samples.length / 2; frame += 1) {
        const at = startFrame + frame;
        const sample = samples[2 * frame + channel] ?? 0;
        side.samples[at] = sample;
        if (((side.marks[at] ?? 0) & TOLD) === 0) side.marks[at] = HEARD;
        else if (sample !== 0) expect.fail(`a gap was told at ${at} that isn’t silent`);
      }
    }
    this.#given += samples.length / 2;
  }

  takeLate(channel: Channel, startFrame: number, mono: Uint8Array): void {
    const samples = new Int16Array(new Uint8Array(mono).buffer);
    expect(samples.length).toBeGreaterThan(0);
    expect(startFrame + samples.length).toBeLessThanOrEqual(this.#given);
    const side = this.#sides[channel];
    samples.forEach((sample, index) => {
      const at = startFrame + index;
      if (((side.marks[at] ?? 0) & HEARD) !== 0) expect.fail(`frame ${at} comes twice`);
      side.marks[at] = TOLD | HEARD;
      side.samples[at] = sample;
    });
    this.#late += samples.length;
  }

  gap(span: Span, why: GapWhy): void {
    const { channel, startFrame, frames } = span;
    expect(frames).toBeGreaterThan(0);
    this.gaps.push({ span, why });
    const side = this.#sides[channel];
    side.reach(startFrame + frames);
    // All that was given from a frame on may be taken back, with the silence that is in it.
    const needed = startFrame + frames === this.#given ? HEARD | TOLD : HEARD;
    for (let at = startFrame; at < startFrame + frames; at += 1) {
      const mark = side.marks[at] ?? 0;
      if (why === 'MOVED') {
        if ((mark & needed) === 0) expect.fail(`what was never given at ${at} is taken back`);
        side.samples[at] = 0;
      } else if (mark !== 0) expect.fail(`a gap is told at ${at}, where something was given or told`);
      side.marks[at] = TOLD;
    }
  }

  /** Interleaved S16LE, up to so many frames: silence where nothing was given. */
  audioOf(frames: number): Buffer {
    const audio = new Int16Array(2 * frames);
    for (const [channel, side] of this.#sides.entries()) {
      side.reach(frames);
      for (let frame = 0; frame < frames; frame += 1) audio[2 * frame + channel] = side.samples[frame] ?? 0;
    }
    return Buffer.from(audio.buffer);
  }
}

/** Says where two stereo tracks differ first, in words; undefined where they don't. */
export function firstDifference(actual: Buffer, expected: Buffer): string | undefined {
  if (actual.equals(expected)) return undefined;
  if (actual.length !== expected.length) return `${actual.length / 4} frames, not ${expected.length / 4}`;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  return `frame ${Math.floor(at / 4)} of channel ${(at >> 1) & 1} differs`;
}
