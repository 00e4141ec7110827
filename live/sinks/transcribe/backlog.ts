/**
 * What the sink was given and hasn't been heard yet, in the order in which it is sent: a stream that breaks off is followed
 * by one that begins behind what was heard. Places in it are frames, counted from the first that was given.
 */
import { BYTES_PER_SAMPLE, type Channel } from '../../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../../recording/audio/stereo-window.ts';
import type { Edge } from './stream-map.ts';

export type Sides = 'both' | Channel;

interface Piece {
  readonly position: number;
  /** Of the WAV. */
  readonly startFrame: number;
  readonly frames: number;
  readonly stereo: Uint8Array;
  readonly sides: Sides;
}

export interface Part {
  readonly startFrame: number;
  readonly stereo: Uint8Array;
  readonly sides: Sides;
}

/** @returns a copy of both sides in which one is silent for a while */
function silenced(stereo: Uint8Array, channel: Channel, from: number, to: number): Uint8Array {
  const copy = Uint8Array.from(stereo);
  for (let frame = from; frame < to; frame += 1) {
    const at = frame * BYTES_PER_FRAME + channel * BYTES_PER_SAMPLE;
    copy.fill(0, at, at + BYTES_PER_SAMPLE);
  }
  return copy;
}

export class Backlog {
  #pieces: Piece[] = [];
  /** Places that held what doesn’t belong there. */
  #gone: { readonly channel: Channel; readonly from: number; readonly to: number }[] = [];
  #end = 0;
  #heard = 0;
  #isOver = false;
  #waiting: (() => void)[] = [];

  /** One past the last place. */
  get end(): number {
    return this.#end;
  }

  get heard(): number {
    return this.#heard;
  }

  /** Nothing follows. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get unheardBytes(): number {
    return (this.#end - this.#heard) * BYTES_PER_FRAME;
  }

  push(startFrame: number, stereo: Uint8Array, sides: Sides = 'both'): void {
    const frames = stereo.length / BYTES_PER_FRAME;
    if (frames === 0) return;
    this.#pieces.push({ position: this.#end, startFrame, frames, stereo, sides });
    this.#end += frames;
    this.wake();
  }

  finish(): void {
    this.#isOver = true;
    this.wake();
  }

  /** Resolves when something has changed. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** @returns what lies at a place, as far as it is of one piece; undefined where nothing is */
  read(position: number, framesMax: number): Part | undefined {
    const piece = this.#pieces.find((one) => position < one.position + one.frames);
    if (piece === undefined) return undefined;
    const from = position - piece.position;
    const to = Math.min(piece.frames, from + framesMax);
    return {
      startFrame: piece.startFrame + from,
      stereo: piece.stereo.subarray(from * BYTES_PER_FRAME, to * BYTES_PER_FRAME),
      sides: piece.sides,
    };
  }

  /** That span of one side was given where it doesn’t belong: it isn’t sent any more, and what is said of it isn’t so. */
  takeBack(channel: Channel, span: { readonly startFrame: number; readonly endFrame: number }): void {
    this.#pieces = this.#pieces.map((piece) => {
      const from = Math.max(0, span.startFrame - piece.startFrame);
      const to = Math.min(piece.frames, span.endFrame - piece.startFrame);
      if ((piece.sides !== 'both' && piece.sides !== channel) || from >= to) return piece;
      this.#gone.push({ channel, from: piece.position + from, to: piece.position + to });
      return { ...piece, stereo: silenced(piece.stereo, channel, from, to) };
    });
  }

  isGone(position: number, channel: Channel): boolean {
    return this.#gone.some((one) => one.channel === channel && one.from <= position && position < one.to);
  }

  /** @returns the WAV's frame at a place, of one side: what holds nothing of that side is passed over */
  frameAt(position: number, channel: Channel, edge: Edge): number {
    const own = this.#pieces.filter(({ sides }) => sides === 'both' || sides === channel);
    const piece =
      edge === 'start'
        ? (own.find((one) => position < one.position + one.frames) ?? own.at(-1))
        : (own.findLast((one) => one.position < position) ?? own[0]);
    if (piece === undefined) return 0;
    return piece.startFrame + Math.min(Math.max(0, position - piece.position), piece.frames);
  }

  /** All before that place has been heard. @param keptFrames so much before it is kept for {@link frameAt} */
  hear(position: number, keptFrames: number): void {
    if (position <= this.#heard) return;
    this.#heard = Math.min(position, this.#end);
    const from = this.#heard - keptFrames;
    const first = this.#pieces.findIndex((one) => from < one.position + one.frames);
    if (first > 0) this.#pieces.splice(0, first);
    this.#gone = this.#gone.filter(({ to }) => to > from);
    this.wake();
  }

  /** @returns the WAV's frame before which all that was given of both sides has been heard; undefined where all has */
  get unheardFrom(): number | undefined {
    const piece = this.#pieces.find((one) => one.sides === 'both' && this.#heard < one.position + one.frames);
    return piece && piece.startFrame + Math.max(0, this.#heard - piece.position);
  }

  /** Spans of one side that came late and haven't been heard. */
  get unheardLate(): readonly {
    readonly channel: Channel;
    readonly startFrame: number;
    readonly endFrame: number;
  }[] {
    return this.#pieces.flatMap(({ sides, position, frames, startFrame }) =>
      sides !== 'both' && this.#heard < position + frames
        ? [{ channel: sides, startFrame, endFrame: startFrame + frames }]
        : [],
    );
  }
}
