import { BYTES_PER_SAMPLE } from '../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../recording/audio/stereo-window.ts';
import { type Run, uncovered } from './timeline/layout.ts';
import type { LiveOutput, Span } from './timeline/outputs.ts';

/** What a listener that has to leave doesn't give any more, without its audio. */
export class Rest {
  readonly #given: number;
  /** What would have followed late, and doesn't: there is nothing there that could be taken back. */
  readonly #late: Omit<Run, 'samples'>[] = [];
  /** What was given where it doesn't belong. */
  readonly moved: LiveOutput[] = [];
  /** One past its last frame; 0 where there is none. */
  end = 0;

  /** @param given all frames before it have been */
  constructor(given: number) {
    this.#given = given;
  }

  add(outputs: Iterable<LiveOutput>): void {
    for (const output of outputs) this.#take(output);
  }

  #take(output: LiveOutput): void {
    switch (output.kind) {
      case 'audio':
        this.end = output.startFrame + output.stereo.length / BYTES_PER_FRAME;
        return;
      case 'late': {
        const { channel, startFrame: start, samples } = output;
        this.#late.push({ channel, start, end: start + samples.length / BYTES_PER_SAMPLE });
        return;
      }
      case 'gap':
        if (output.why === 'MOVED') this.#takeBack(output.span);
    }
  }

  #takeBack({ channel, startFrame, frames }: Span): void {
    const end = Math.min(startFrame + frames, this.#given);
    const late = this.#late.filter((one) => one.channel === channel && one.start < end);
    late.sort((a, b) => a.start - b.start);
    for (const span of uncovered(late, channel, startFrame, end))
      this.moved.push({ kind: 'gap', span, why: 'MOVED' });
  }
}
