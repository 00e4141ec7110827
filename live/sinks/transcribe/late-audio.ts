/** Puts what comes late of one side into what is sent, where nobody is cut short by it. */
import { BYTES_PER_SAMPLE, type Channel } from '../../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../../recording/audio/stereo-window.ts';
import type { Backlog } from './backlog.ts';
import { pauseIn } from './loudness.ts';

interface Late {
  readonly channel: Channel;
  readonly startFrame: number;
  readonly stereo: Uint8Array;
}

/** A pause is waited for no longer. */
const WAIT_SECONDS = 10;

export class LateAudio {
  readonly #backlog: Backlog;
  readonly #sampleRate: number;
  #waiting: Late[] = [];
  #waited = 0;
  /** Where audio was given when the first came that hasn't been heard; where the last of them ends in what is sent. */
  #since: number | undefined;
  #upTo = 0;

  constructor(backlog: Backlog, sampleRate: number) {
    this.#backlog = backlog;
    this.#sampleRate = sampleRate;
  }

  get since(): number | undefined {
    return this.#since;
  }

  audio(startFrame: number, stereo: Uint8Array): void {
    const frames = stereo.length / BYTES_PER_FRAME;
    if (this.#waiting.length === 0) {
      this.#backlog.push(startFrame, stereo);
      return;
    }
    this.#waited += frames;
    const isEnough = this.#waited >= WAIT_SECONDS * this.#sampleRate;
    const at = pauseIn(stereo, this.#sampleRate) ?? (isEnough ? 0 : frames);
    this.#backlog.push(startFrame, stereo.subarray(0, at * BYTES_PER_FRAME));
    if (at < frames || isEnough) this.flush();
    this.#backlog.push(startFrame + at, stereo.subarray(at * BYTES_PER_FRAME));
  }

  /** @param given how far audio has been given */
  late(channel: Channel, startFrame: number, samples: Uint8Array, given: number): void {
    const stereo = new Uint8Array(samples.length * 2);
    for (let at = 0; at < samples.length; at += BYTES_PER_SAMPLE)
      stereo.set(samples.subarray(at, at + BYTES_PER_SAMPLE), at * 2 + channel * BYTES_PER_SAMPLE);
    this.#waiting.push({ channel, startFrame, stereo });
    this.#since ??= given;
  }

  /** Nothing is waited for any more. */
  flush(): void {
    for (const { channel, startFrame, stereo } of this.#waiting)
      this.#backlog.push(startFrame, stereo, channel);
    if (this.#waiting.length > 0) this.#upTo = this.#backlog.end;
    this.#waiting = [];
    this.#waited = 0;
  }

  /** More may have been heard. */
  heard(): void {
    if (this.#waiting.length === 0 && this.#backlog.heard >= this.#upTo) this.#since = undefined;
  }
}
