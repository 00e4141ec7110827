/**
 * How far the service has heard a stream. It says nothing of silence: what has been sent for a while, and of which nothing
 * was begun to be said, has been heard; where somebody spoke, it is waited for longer. Frames are the stream's.
 */
import type { Channel } from '../../../recording/audio/pcm.ts';

export interface HeardResult {
  readonly id: string;
  readonly channel: Channel;
  readonly startFrame: number;
  readonly endFrame: number;
  readonly isPartial: boolean;
}

interface Sent {
  readonly startFrame: number;
  readonly endFrame: number;
  readonly atMs: number;
  readonly isLoud: boolean;
}

/** The service answers a second or so after what it hears. */
export const SETTLED_MS = 20_000;
/** A stream that has answered nothing of what was said so long ago hangs. */
export const HUNG_MS = 40_000;
/** A word may begin so much before the service says. */
const MARGIN_SECONDS = 0.3;

export class Heard {
  readonly #margin: number;
  readonly #isPatient: boolean;
  readonly #open = new Map<string, HeardResult>();
  readonly #finals: [number, number] = [0, 0];
  #sent: Sent[] = [];
  #settled = 0;
  #answered = 0;

  /** @param isPatient a stream before it was given up, since it answered nothing: this one isn't */
  constructor(sampleRate: number, isPatient = false) {
    this.#isPatient = isPatient;
    this.#margin = Math.round(MARGIN_SECONDS * sampleRate);
  }

  get isInSpeech(): boolean {
    return this.#open.size > 0;
  }

  /** Whether nothing at all was said of something that was loud. */
  get isUnanswered(): boolean {
    return this.#unanswered !== undefined;
  }

  sent(sent: Sent): void {
    this.#sent.push(sent);
  }

  take(result: HeardResult): void {
    this.#answered = Math.max(this.#answered, result.endFrame);
    if (result.isPartial) {
      this.#open.set(result.id, result);
      return;
    }
    this.#open.delete(result.id);
    this.#finals[result.channel] = Math.max(this.#finals[result.channel], result.endFrame);
  }

  /** @returns the frame before which nothing more is to be said, of either side */
  upTo(nowMs: number): number {
    this.#settle(nowMs);
    return Math.min(this.#upTo(0), this.#upTo(1));
  }

  hangs(nowMs: number): boolean {
    const first = this.#unanswered;
    return !this.#isPatient && first !== undefined && nowMs - first.atMs >= HUNG_MS;
  }

  get #unanswered(): Sent | undefined {
    return this.#sent.find(({ isLoud, startFrame }) => isLoud && startFrame >= this.#answered);
  }

  #upTo(channel: Channel): number {
    const heard = Math.max(this.#settled, this.#finals[channel]);
    const open = [...this.#open.values()].filter((one) => one.channel === channel);
    return Math.min(heard, ...open.map(({ startFrame }) => Math.max(0, startFrame - this.#margin)));
  }

  #settle(nowMs: number): void {
    for (let first = this.#sent[0]; first !== undefined; first = this.#sent[0]) {
      const isAnswered = !first.isLoud || first.startFrame < this.#answered;
      // Where it hangs, another stream is asked; that one may well say that nothing was said.
      if (nowMs - first.atMs < (isAnswered ? SETTLED_MS : 2 * HUNG_MS)) return;
      this.#settled = first.endFrame;
      this.#sent.shift();
    }
  }
}
