/**
 * Where a stream's frames come from: from a place in what the sink was given, or from nowhere, where silence was sent since
 * nothing had come. So what is said in the stream is found in the WAV, however long it stood still.
 */
interface Run {
  /** Of the stream. */
  readonly start: number;
  readonly frames: number;
  /** In what was given; of filler, where it goes on behind it. */
  readonly position: number;
  readonly isFiller: boolean;
}

/** A start is where something begins; an end is one past where it ends. They differ where silence was put in between. */
export type Edge = 'start' | 'end';

export class StreamMap {
  #runs: Run[] = [];
  #end = 0;
  #position: number;

  /** @param position in what was given, from which the stream begins */
  constructor(position: number) {
    this.#position = position;
  }

  /** How many frames have been sent. */
  get end(): number {
    return this.#end;
  }

  /** What is sent next of what was given. */
  get position(): number {
    return this.#position;
  }

  sent(frames: number): void {
    this.#push(frames, false);
    this.#position += frames;
  }

  /** So many frames that come next needn't be sent: nothing has been, and they are silence. */
  skip(frames: number): void {
    if (this.#end > 0) throw new Error('the stream has begun');
    this.#position += frames;
  }

  filled(frames: number): void {
    this.#push(frames, true);
  }

  /** The filler that was sent last, of so many frames. */
  get filler(): number {
    const last = this.#runs.at(-1);
    return last?.isFiller === true ? last.frames : 0;
  }

  /** So many frames that come next are the silence that was sent as filler: they needn't be sent. */
  redeem(frames: number): void {
    const last = this.#runs.at(-1);
    if (last?.isFiller !== true || frames > last.frames) throw new Error('there is no such filler');
    this.#runs.pop();
    this.#end -= last.frames;
    this.sent(frames);
    this.filled(last.frames - frames);
  }

  /** @returns the place in what was given of a frame of the stream; of what lies in filler, where that was put */
  positionOf(frame: number, edge: Edge): number {
    const found = this.#runs.find(({ start, frames }) =>
      edge === 'start' ? frame < start + frames : frame <= start + frames,
    );
    if (found === undefined) return this.#position;
    const within = Math.max(0, frame - found.start);
    return found.isFiller ? found.position : found.position + within;
  }

  /** Nothing before that frame is asked for again. */
  forget(frame: number): void {
    this.#runs = this.#runs.filter(({ start, frames }) => start + frames > frame);
  }

  #push(frames: number, isFiller: boolean): void {
    if (frames === 0) return;
    const last = this.#runs.at(-1);
    if (last?.isFiller === isFiller)
      this.#runs[this.#runs.length - 1] = { ...last, frames: last.frames + frames };
    else this.#runs.push({ start: this.#end, frames, position: this.#position, isFiller });
    this.#end += frames;
  }
}
