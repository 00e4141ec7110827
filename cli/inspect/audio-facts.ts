/** The audio of one contact in one direction: how much there is, and where there is none. */
import { JITTER_MS } from '../../recording/audio/block-order.ts';
import { BYTES_PER_SAMPLE } from '../../recording/audio/pcm.ts';

const GAPS_SHOWN = 20;

export interface GapFacts {
  /** Epoch ms, by the producer's clock. */
  readonly startMs: number;
  readonly lengthMs: number;
}

export interface AudioSummary {
  /** The stream's name for it; absent for a track without a name. */
  readonly name?: string;
  readonly codecId?: string;
  /** They need not stay the same from fragment to fragment. */
  readonly trackNumbers: readonly number[];
  readonly blocks: number;
  readonly bytes: number;
  /** Absent where it isn't the audio that Connect writes. */
  readonly audioMs?: number;
  readonly gapCount: number;
  readonly gapMs: number;
  /** The first of them. */
  readonly gaps: readonly GapFacts[];
}

export class AudioFacts {
  readonly #names: Pick<AudioSummary, 'name' | 'codecId'>;
  readonly #trackNumbers = new Set<number>();
  readonly #gaps: GapFacts[] = [];
  #blocks = 0;
  #bytes = 0;
  #audioMs: number | undefined;
  #gapCount = 0;
  #gapMs = 0;
  #cursorMs: number;

  /** @param originMs of the contact's first block: silence before the direction's own first is a gap too */
  constructor(names: Pick<AudioSummary, 'name' | 'codecId'>, originMs: number) {
    this.#names = names;
    this.#cursorMs = originMs;
  }

  /** The end of its audio so far: epoch ms, on a clock that doesn't jump. */
  get endMs(): number {
    return this.#cursorMs;
  }

  /**
   * Takes a block; they come in order of time. @param timeMs on a clock that doesn't jump
   * @param sampleRate undefined where it is no PCM
   */
  add(trackNumber: number, timeMs: number, bytes: number, sampleRate: number | undefined): void {
    if (this.#trackNumbers.size < GAPS_SHOWN) this.#trackNumbers.add(trackNumber);
    this.#blocks += 1;
    this.#bytes += bytes;
    if (sampleRate === undefined) return;
    const lengthMs = (bytes / BYTES_PER_SAMPLE / sampleRate) * 1000;
    this.#audioMs = (this.#audioMs ?? 0) + lengthMs;
    const isGap = timeMs > this.#cursorMs + JITTER_MS;
    if (isGap) this.#addGap(this.#cursorMs, timeMs - this.#cursorMs);
    this.#cursorMs = (isGap ? timeMs : this.#cursorMs) + lengthMs;
  }

  summary(): AudioSummary {
    return {
      ...this.#names,
      trackNumbers: [...this.#trackNumbers],
      blocks: this.#blocks,
      bytes: this.#bytes,
      ...(this.#audioMs !== undefined && { audioMs: Math.round(this.#audioMs) }),
      gapCount: this.#gapCount,
      gapMs: Math.round(this.#gapMs),
      gaps: this.#gaps,
    };
  }

  #addGap(startMs: number, lengthMs: number): void {
    this.#gapCount += 1;
    this.#gapMs += lengthMs;
    if (this.#gaps.length < GAPS_SHOWN) this.#gaps.push({ startMs, lengthMs: Math.round(lengthMs) });
  }
}
