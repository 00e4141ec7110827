/** What a server has heard, each piece at the frame that the protocol gives it; what comes twice must be the same. */
import { expect } from 'vitest';

export class CallAudio {
  readonly #bytesPerFrame: number;
  readonly #fill: number;
  #bytes = Buffer.alloc(0);
  #marks = new Uint8Array();
  #length = 0;

  /** @param fill what stands where nothing was heard */
  constructor(bytesPerFrame: number, fill: number) {
    this.#bytesPerFrame = bytesPerFrame;
    this.#fill = fill;
  }

  put(frame: number, piece: Uint8Array): void {
    const frames = piece.length / this.#bytesPerFrame;
    expect(Number.isInteger(frames)).toBe(true);
    this.#reach(frame + frames);
    for (let index = 0; index < piece.length; index += 1) {
      const at = frame * this.#bytesPerFrame + index;
      if (this.#marks[at] === 1 && this.#bytes[at] !== piece[index])
        expect.fail(`frame ${Math.floor(at / this.#bytesPerFrame)} comes twice, and not the same`);
      this.#marks[at] = 1;
      this.#bytes[at] = piece[index] ?? 0;
    }
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Frames that nobody has been given, up to the last one that somebody has. */
  get missing(): number {
    const marks = this.#marks.subarray(0, this.#length);
    return marks.filter((mark) => mark === 0).length / this.#bytesPerFrame;
  }

  #reach(frames: number): void {
    this.#length = Math.max(this.#length, frames * this.#bytesPerFrame);
    if (this.#length <= this.#bytes.length) return;
    const room = 2 * this.#length;
    const [bytes, marks] = [Buffer.alloc(room, this.#fill), new Uint8Array(room)];
    this.#bytes.copy(bytes);
    marks.set(this.#marks);
    this.#bytes = bytes;
    this.#marks = marks;
  }
}
