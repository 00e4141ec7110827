/** Blocks by themselves, for tests of what is told by their times. At 1 kHz, so that a sample lasts a millisecond. */
import type { Block } from '../../../matroska/fragment.ts';
import type { Channels } from '../../../recording/audio/block-order.ts';

export const SAMPLE_RATE = 1_000;
/** By track number. */
export const CHANNELS: Channels = new Map([
  [1, 0],
  [2, 1],
]);

export interface Written {
  readonly track?: number;
  readonly lengthMs?: number;
}

/** One block for each time. */
export function blocksAt(times: readonly number[], { track = 1, lengthMs = 100 }: Written = {}): Block[] {
  return times.map((timeMs) => ({ trackNumber: track, timeMs, audio: new Uint8Array(2 * lengthMs) }));
}

/** Blocks in turns, as tracks lie beside each other. */
export function inTurns(...tracks: readonly (readonly Block[])[]): Block[] {
  const longest = Math.max(...tracks.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) =>
    tracks.flatMap((blocks) => blocks.slice(at, at + 1)),
  ).flat();
}
