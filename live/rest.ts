import type { LiveOutput, Span } from './timeline/outputs.ts';

/** What a listener that has to leave doesn't give any more, without its audio. */
export class Rest {
  readonly #given: number;
  /** What was given where it doesn't belong. */
  readonly moved: LiveOutput[] = [];
  /** One past its last frame; 0 where there is none. */
  end = 0;

  /** @param given all frames before it have been */
  constructor(given: number) {
    this.#given = given;
  }

  add(outputs: Iterable<LiveOutput>): void {
    for (const output of outputs) {
      if (output.kind === 'audio') this.end = output.startFrame + output.stereo.length / 4;
      else if (output.kind === 'gap' && output.why === 'MOVED') this.#take(output.span);
    }
  }

  #take({ channel, startFrame, frames }: Span): void {
    const end = Math.min(startFrame + frames, this.#given);
    if (end <= startFrame) return;
    this.moved.push({ kind: 'gap', span: { channel, startFrame, frames: end - startFrame }, why: 'MOVED' });
  }
}
