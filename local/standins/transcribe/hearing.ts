/** Hears one stream: where somebody speaks, by how loud it is; what they say, by whatever knows the words. */
import type { Channel } from '../../../recording/audio/pcm.ts';

export interface HeardWord {
  readonly text: string;
  /** Of the stream, or of the samples that were given; the end is one past the last. */
  readonly startFrame: number;
  readonly endFrame: number;
}

export interface HeardUtterance {
  readonly id: string;
  readonly channel: Channel;
  readonly startFrame: number;
  readonly endFrame: number;
  readonly words: readonly HeardWord[];
  readonly isFinal: boolean;
}

/** Takes the whole of a stream, and tells of utterances by a callback that it was made with. */
export interface Hearing {
  /** Interleaved S16LE of both sides. */
  give(stereo: Buffer): void;
  /** Nothing follows. Resolves when all has been told. */
  end(): Promise<void>;
  /** Nobody is to be told any more. */
  close(): void;
}

/** What is said in one side’s samples, whose frames count from their first one. */
export type WordsOf = (samples: Int16Array, channel: Channel, sampleRate: number) => HeardWord[];
export type Tell = (utterance: HeardUtterance) => void;

const BLOCK_MS = 10;
/** A sample’s least magnitude where somebody speaks. */
const LOUD = 400;
const ENDS_AFTER_MS = 600;
const LONGEST_MS = 25_000;
const PARTIAL_EVERY_MS = 500;

/** By how loud it is. */
export class EnergyHearing implements Hearing {
  readonly #sides: readonly [Side, Side];

  constructor(sampleRate: number, wordsOf: WordsOf, tell: Tell) {
    let count = 0;
    const nextId = () => `result-${String((count += 1))}`;
    this.#sides = [
      new Side(0, sampleRate, wordsOf, tell, nextId),
      new Side(1, sampleRate, wordsOf, tell, nextId),
    ];
  }

  give(stereo: Buffer): void {
    for (const [channel, side] of this.#sides.entries()) {
      const samples = new Int16Array(stereo.length / 4);
      for (let frame = 0; frame < samples.length; frame += 1)
        samples[frame] = stereo.readInt16LE(frame * 4 + channel * 2);
      side.give(samples);
    }
  }

  end(): Promise<void> {
    for (const side of this.#sides) side.end();
    return Promise.resolve();
  }

  close(): void {
    // Nothing waits.
  }
}

interface Open {
  readonly id: string;
  readonly startFrame: number;
  readonly blocks: Int16Array[];
  frames: number;
  quietFrames: number;
  toldFrames: number;
}

class Side {
  readonly #channel: Channel;
  readonly #sampleRate: number;
  readonly #wordsOf: WordsOf;
  readonly #tell: Tell;
  readonly #nextId: () => string;
  #frame = 0;
  #open: Open | undefined;

  constructor(channel: Channel, sampleRate: number, wordsOf: WordsOf, tell: Tell, nextId: () => string) {
    this.#channel = channel;
    this.#sampleRate = sampleRate;
    this.#wordsOf = wordsOf;
    this.#tell = tell;
    this.#nextId = nextId;
  }

  give(samples: Int16Array): void {
    const step = this.#frames(BLOCK_MS);
    for (let from = 0; from < samples.length; from += step)
      this.#takeBlock(samples.subarray(from, from + step));
  }

  end(): void {
    this.#finish();
  }

  #takeBlock(block: Int16Array): void {
    const startFrame = this.#frame;
    this.#frame += block.length;
    const isLoud = block.some((sample) => Math.abs(sample) >= LOUD);
    if (this.#open === undefined && !isLoud) return;
    const open = (this.#open ??= {
      id: this.#nextId(),
      startFrame,
      blocks: [],
      frames: 0,
      quietFrames: 0,
      toldFrames: 0,
    });
    open.blocks.push(block);
    open.frames += block.length;
    open.quietFrames = isLoud ? 0 : open.quietFrames + block.length;
    const isOver = open.quietFrames >= this.#frames(ENDS_AFTER_MS) || open.frames >= this.#frames(LONGEST_MS);
    if (isOver) this.#finish();
    else if (open.frames - open.toldFrames >= this.#frames(PARTIAL_EVERY_MS)) this.#say(open, false);
  }

  #finish(): void {
    if (this.#open !== undefined) this.#say(this.#open, true);
    this.#open = undefined;
  }

  #say(open: Open, isFinal: boolean): void {
    const { id, startFrame, blocks, frames, quietFrames } = open;
    open.toldFrames = frames;
    const samples = new Int16Array(frames);
    let at = 0;
    for (const block of blocks) {
      samples.set(block, at);
      at += block.length;
    }
    const spoken = samples.subarray(0, frames - quietFrames);
    const words = this.#wordsOf(spoken, this.#channel, this.#sampleRate).map((word) => ({
      ...word,
      startFrame: word.startFrame + startFrame,
      endFrame: word.endFrame + startFrame,
    }));
    if (words.length === 0) return;
    const endFrame = startFrame + spoken.length;
    this.#tell({ id, channel: this.#channel, startFrame, endFrame, words, isFinal });
  }

  #frames(ms: number): number {
    return Math.round((ms * this.#sampleRate) / 1000);
  }
}

/** Where it is loud, without pauses of so many ms: where each begins, and one past where it ends. */
export function loudRuns(samples: Int16Array, sampleRate: number, pauseMs: number): [number, number][] {
  const runs: [number, number][] = [];
  const pause = (pauseMs * sampleRate) / 1000;
  for (const [frame, sample] of samples.entries()) {
    if (Math.abs(sample) < LOUD) continue;
    const last = runs.at(-1);
    if (last !== undefined && frame - last[1] < pause) last[1] = frame + 1;
    else runs.push([frame, frame + 1]);
  }
  return runs;
}
