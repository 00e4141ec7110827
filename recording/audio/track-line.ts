/** How far one track has come, and how its blocks' times and its audio have differed. Positions are frames. */
import { BYTES_PER_SAMPLE } from './pcm.ts';

/** What is known of a track between two fragments. */
export interface LineState {
  readonly end: number | undefined;
  readonly gapFrom?: number | undefined;
  readonly half: TrackLine['half'];
  readonly lag: number;
  readonly leastBefore: number;
  readonly most: number;
}

export class TrackLine {
  /** One past its last sample; undefined before its first. */
  end: number | undefined;
  /** Where the gap begins behind which there is half a sample, and none yet: nobody knows whether one comes. */
  gapFrom: number | undefined;
  /** The first byte of a sample whose second one has not come yet, and the fragment that it stands in. */
  half: { readonly byte: number; readonly fragmentNumber: bigint } | undefined;
  /** How far behind its own time the block before stands, below 0 before it; 0 within jitter. */
  lag = 0;
  /** The least of this fragment's. */
  #leastLag = Infinity;
  #leastBefore = 0;
  #most = 0;

  constructor(state?: LineState) {
    if (state === undefined) return;
    this.end = state.end;
    this.gapFrom = state.gapFrom;
    this.half = state.half;
    this.lag = state.lag;
    this.#leastBefore = state.leastBefore;
    this.#most = state.most;
  }

  get state(): LineState {
    const { end, gapFrom, half, lag } = this;
    return { end, gapFrom, half, lag, leastBefore: this.#leastBefore, most: this.#most };
  }

  /** How far its audio ran ahead of its times at most, for longer than a fragment: single blocks' times may be wrong. */
  get ahead(): number {
    return this.#most;
  }

  endFragment(): void {
    if (this.#leastLag === Infinity) return;
    this.#most = Math.max(this.#most, Math.min(this.#leastBefore, this.#leastLag));
    this.#leastBefore = this.#leastLag;
    this.#leastLag = Infinity;
  }

  noteLag(frames: number): void {
    this.lag = frames;
    if (frames < this.#leastLag) this.#leastLag = frames;
  }

  /** Puts half a sample before a block that follows on, and keeps the one that it ends with. @returns whole samples */
  joined(audio: Uint8Array, fragmentNumber: bigint): Uint8Array {
    const joined = this.half === undefined ? audio : Buffer.concat([Uint8Array.of(this.half.byte), audio]);
    const byte = joined.length % BYTES_PER_SAMPLE === 0 ? undefined : joined.at(-1);
    this.half = byte === undefined ? undefined : { byte, fragmentNumber };
    return byte === undefined ? joined : joined.subarray(0, -1);
  }
}
