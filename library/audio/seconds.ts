/**
 * Puts what a timeline gives into seconds; of one side alone where there is only one. What comes late, or turns out to
 * belong elsewhere, is put right in the second that is being filled; of those that have been given it is told.
 */
import type { LiveFormat } from '../../live/timeline/live-timeline.ts';
import type { GapWhy, LiveOutput, Span } from '../../live/timeline/outputs.ts';
import { type Gap, type Late, Second } from './second.ts';

export type HeardOutput =
  | { readonly kind: 'second'; readonly second: Second }
  | { readonly kind: 'late'; readonly late: Late }
  | { readonly kind: 'gap'; readonly gap: Gap };

export class Seconds {
  readonly #channels: 1 | 2;
  readonly #pieceMs: number;
  /** The second that is being filled: its first frame, what there is of it, and what of that is silent. */
  #first: number;
  #frames = 0;
  #samples = new Int16Array();
  #gaps: Gap[] = [];

  /** @param pieceMs audio in each, in ms. @param first the frame that the first audio begins with */
  constructor(channels: 1 | 2, pieceMs: number, first = 0) {
    this.#channels = channels;
    this.#pieceMs = pieceMs;
    this.#first = first;
  }

  *take(output: LiveOutput, format: LiveFormat): Generator<HeardOutput> {
    switch (output.kind) {
      case 'audio':
        yield* this.#audio(output.stereo, format);
        return;
      case 'late':
        if (output.channel < this.#channels)
          yield* this.#late(output.channel, output.startFrame, int16(output.samples), format);
        return;
      case 'gap': {
        const { span, why } = output;
        if (span.channel < this.#channels && isToldHere(why)) yield* this.#gap(span, why);
      }
    }
  }

  /** What there is of the last one. */
  *finish(format: LiveFormat | undefined): Generator<HeardOutput> {
    if (format && this.#frames > 0) yield* this.#give(format);
  }

  *#audio(stereo: Uint8Array, format: LiveFormat): Generator<HeardOutput> {
    const wanted = Math.max(1, Math.round((this.#pieceMs * format.sampleRate) / 1000));
    let rest = this.#channels === 2 ? int16(stereo) : int16(stereo).filter((_, index) => index % 2 === 0);
    while (rest.length > 0) {
      if (this.#frames === 0) this.#samples = new Int16Array(wanted * this.#channels);
      const part = rest.subarray(0, (wanted - this.#frames) * this.#channels);
      this.#samples.set(part, this.#frames * this.#channels);
      this.#frames += part.length / this.#channels;
      rest = rest.subarray(part.length);
      if (this.#frames === wanted) yield* this.#give(format);
    }
  }

  *#give({ sampleRate, originMs }: LiveFormat): Generator<HeardOutput> {
    const startFrame = this.#first;
    const end = startFrame + this.#frames;
    const gaps = this.#gaps.flatMap((gap) => partOf(gap, startFrame, end));
    const samples = this.#samples.subarray(0, this.#frames * this.#channels);
    const startMs = originMs + (startFrame * 1000) / sampleRate;
    this.#gaps = this.#gaps.flatMap((gap) => partOf(gap, end, Infinity));
    this.#first = end;
    this.#frames = 0;
    for (const gap of gaps) yield { kind: 'gap', gap };
    const second = new Second({ startFrame, sampleRate, channels: this.#channels, startMs, samples, gaps });
    yield { kind: 'second', second };
  }

  *#late(
    channel: 0 | 1,
    startFrame: number,
    samples: Int16Array,
    { sampleRate, originMs }: LiveFormat,
  ): Generator<HeardOutput> {
    const given = Math.max(0, Math.min(samples.length, this.#first - startFrame));
    if (given > 0) {
      const startMs = originMs + (startFrame * 1000) / sampleRate;
      const late = { channel, startFrame, sampleRate, startMs, samples: samples.subarray(0, given) };
      yield { kind: 'late', late };
    }
    this.#write(channel, startFrame + given, samples.subarray(given));
  }

  *#gap(span: Span, why: Gap['why']): Generator<HeardOutput> {
    const gap = { ...span, why };
    if (why !== 'MOVED') {
      this.#gaps.push(gap);
      return;
    }
    for (const told of partOf(gap, 0, this.#first)) yield { kind: 'gap', gap: told };
    for (const here of partOf(gap, this.#first, Infinity)) {
      this.#write(span.channel, here.startFrame, new Int16Array(here.frames));
      this.#gaps.push({ ...here, why: 'SILENT' });
    }
  }

  /** Into the second that is being filled; what was silent there isn't any more. */
  #write(channel: 0 | 1, startFrame: number, samples: Int16Array): void {
    samples.forEach((sample, index) => {
      this.#samples[(startFrame - this.#first + index) * this.#channels + channel] = sample;
    });
    const end = startFrame + samples.length;
    this.#gaps = this.#gaps.flatMap((gap) =>
      gap.channel === channel ? [...partOf(gap, 0, startFrame), ...partOf(gap, end, Infinity)] : [gap],
    );
  }
}

/** A copy; little-endian, as every machine that runs Node.js is. */
function int16(bytes: Uint8Array): Int16Array<ArrayBuffer> {
  return new Int16Array(Uint8Array.from(bytes).buffer);
}

function partOf(gap: Gap, from: number, to: number): Gap[] {
  const startFrame = Math.max(from, gap.startFrame);
  const end = Math.min(to, gap.startFrame + gap.frames);
  return startFrame < end ? [{ ...gap, startFrame, frames: end - startFrame }] : [];
}

/** The timeline's own words; the others are a listener's. */
function isToldHere(why: GapWhy): why is Gap['why'] {
  return why === 'LATE' || why === 'SILENT' || why === 'MOVED';
}
