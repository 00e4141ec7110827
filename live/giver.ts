/** Gives outputs, and says first what call it is, once there is something to give. */
import type { Recording } from '../recording/identity.ts';
import type { AudioSink, LiveEnd } from './sinks/audio-sink.ts';
import type { LiveFormat, LiveTimeline } from './timeline/live-timeline.ts';
import type { LiveOutput } from './timeline/outputs.ts';

export class Giver {
  readonly #sink: AudioSink;
  readonly #recording: Recording;
  #timeline: LiveTimeline;
  #formatBefore: LiveFormat | undefined;
  readonly #startFrame: number;
  #started = false;

  constructor(sink: AudioSink, recording: Recording, timeline: LiveTimeline, startFrame: number) {
    this.#sink = sink;
    this.#recording = recording;
    this.#timeline = timeline;
    this.#startFrame = startFrame;
  }

  /** What is given from now on is another's. @param formatBefore of what whoever listens has heard until now: that one may have no audio */
  goOnWith(timeline: LiveTimeline, formatBefore?: LiveFormat): void {
    this.#timeline = timeline;
    this.#formatBefore = formatBefore;
  }

  /** Says what call it is, and from where it goes on. */
  async begin(): Promise<void> {
    if (!this.#started) await this.#start();
  }

  async give(outputs: Iterable<LiveOutput>): Promise<void> {
    for (const output of outputs) {
      await this.begin();
      await this.#take(output);
    }
  }

  async tellEnd(startFrame: number, frames: number): Promise<void> {
    await this.begin();
    if (!this.#started) return;
    for (const channel of [0, 1] as const) await this.#sink.gap({ channel, startFrame, frames }, 'END');
  }

  async end(reason: LiveEnd): Promise<void> {
    await this.#sink.end(reason);
  }

  async #start(): Promise<void> {
    const format = this.#timeline.format ?? this.#formatBefore;
    if (!format) return;
    this.#started = true;
    await this.#sink.start({ recording: this.#recording, startFrame: this.#startFrame, ...format });
  }

  #take(output: LiveOutput): Promise<void> {
    switch (output.kind) {
      case 'audio':
        return this.#sink.audio(output.startFrame, output.stereo);
      case 'late':
        return this.#sink.late(output.channel, output.startFrame, output.samples);
      case 'gap':
        return this.#sink.gap(output.span, output.why);
    }
  }
}
