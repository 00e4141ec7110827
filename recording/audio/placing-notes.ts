/** What is worth noting while a recording's blocks are placed. */
import type { Gap, Loss } from '../call-record.ts';
import { LossList } from '../loss-list.ts';

export interface PlacingNotes {
  /** A fragment has audio that is placed. */
  placed(): void;
  /** All that there is of a fragment has been placed, or noted. */
  done(number: bigint): void;
  gap(gap: Gap): void;
  /** A block came so late that it stands at the window's edge. */
  late(): void;
  /** A block's time could not be right: it follows on, or stands where those behind it say. */
  stray(): void;
  /** A fragment, or a part of it, can't be placed. */
  lost(number: bigint, reason: string): void;
}

export const NO_NOTES: PlacingNotes = {
  placed: () => undefined,
  done: () => undefined,
  gap: () => undefined,
  late: () => undefined,
  stray: () => undefined,
  lost: () => undefined,
};

/** Keeps all of it, for the call's record. */
export class KeptNotes implements PlacingNotes {
  readonly gaps: Gap[] = [];
  fragments = 0;
  lateBlocks = 0;
  strayBlocks = 0;
  readonly #losses = new LossList();
  #lastLost: bigint | undefined;

  get losses(): readonly Loss[] {
    return this.#losses.all();
  }

  placed(): void {
    this.fragments += 1;
  }

  done(number: bigint): void {
    if (this.#lastLost !== number) this.#losses.endRun();
  }

  gap(gap: Gap): void {
    this.gaps.push(gap);
  }

  late(): void {
    this.lateBlocks += 1;
  }

  stray(): void {
    this.strayBlocks += 1;
  }

  lost(number: bigint, reason: string): void {
    this.#lastLost = number;
    this.#losses.addFragment('FRAGMENT_UNUSABLE', number, reason);
  }
}
