/** One side, as whoever listens has it: samples, who gave each, and which are known to be missing. */
export class HeardSide {
  samples = new Int16Array(1 << 10);
  /** The session in which each was given; 0: not yet. */
  given = new Int32Array(1 << 10);
  /** In which its being missing was told; 0: never. */
  told = new Int32Array(1 << 10);
  /** In which it was taken back; 0: never. */
  takenBack = new Int32Array(1 << 10);

  reach(frames: number): void {
    if (frames <= this.samples.length) return;
    const length = Math.max(frames, 2 * this.samples.length);
    const longer = <T extends Int16Array | Int32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.samples = longer(new Int16Array(length), this.samples);
    this.given = longer(new Int32Array(length), this.given);
    this.told = longer(new Int32Array(length), this.told);
    this.takenBack = longer(new Int32Array(length), this.takenBack);
  }

  /** The first of some frames that is such a one. */
  firstOf(from: number, end: number, isSuch: (frame: number) => boolean): number | undefined {
    for (let frame = from; frame < end; frame += 1) if (isSuch(frame)) return frame;
    return undefined;
  }

  /** What was not sure is lost. */
  forgetFrom(frame: number): void {
    if (frame >= this.samples.length) return;
    this.samples.fill(0, frame);
    this.given.fill(0, frame);
    this.told.fill(0, frame);
    this.takenBack.fill(0, frame);
  }
}
