/** Decides in which order a fragment's blocks are placed. */
import type { Block } from '../../matroska/fragment.ts';
import { BYTES_PER_SAMPLE, type Channel } from './pcm.ts';

/** A block this much after its track's end is still jitter. */
export const JITTER_MS = 32;
/** Times of a track that contradict each other by more are no jitter: two blocks of Connect's. */
export const STRAY_MS = 128;
/** No two blocks are so far apart that a producer writes one after the other, unless there is a pause between them. */
export const FAR_MS = 1_000;
/** How far a block's time may lie behind its fragment's own: a Cluster's blocks can't be further (int16) than half of it. */
export const REACH_MS = 60_000;

export type Channels = ReadonlyMap<number, Channel>;

/**
 * They can be placed as they stand, as nearly all can: there are too many of them to make another object of each.
 * Each track's are in order of time, whatever the tracks' order among themselves.
 */
export function arePlain(blocks: readonly Block[], channels: Channels, ownMs: number): boolean {
  let before0 = -Infinity;
  let before1 = -Infinity;
  for (const { trackNumber, timeMs, audio } of blocks) {
    const isWhole = audio.length > 0 && audio.length % BYTES_PER_SAMPLE === 0;
    if (!isWhole || timeMs > ownMs + REACH_MS) return false;
    const channel = channels.get(trackNumber);
    if (channel === 0) {
      if (timeMs < before0) return false;
      before0 = timeMs;
    } else if (channel === 1) {
      if (timeMs < before1) return false;
      before1 = timeMs;
    } else return false;
  }
  return true;
}

/**
 * Track by track, each as {@link trackInOrder} says; the one that begins earlier comes first.
 * @param expectedMs when each track should go on
 */
export function inOrder(
  blocks: readonly Block[],
  channels: Channels,
  sampleRate: number,
  expectedMs: readonly [number, number],
): readonly Block[] {
  const track = (channel: Channel) =>
    trackInOrder(
      blocks.filter(({ trackNumber }) => channels.get(trackNumber) === channel),
      sampleRate,
      expectedMs[channel],
    );
  const [left, right] = [track(0), track(1)];
  const isRightEarlier = (right[0]?.timeMs ?? Infinity) < (left[0]?.timeMs ?? Infinity);
  return isRightEarlier ? [...right, ...left] : [...left, ...right];
}

/**
 * By time; blocks of one time as they stand. But where the times as they stand go back by more than jitter explains,
 * maybe single ones are wrong: then in the order in which fewer blocks fail to go on where the one before ends.
 */
function trackInOrder(stored: readonly Block[], sampleRate: number, expectedMs: number): readonly Block[] {
  const byTime = [...stored].sort((a, b) => a.timeMs - b.timeMs);
  const goesFarBack = stored.some(
    ({ timeMs }, index) => timeMs + STRAY_MS < (stored[index - 1]?.timeMs ?? -Infinity),
  );
  const breaks = (blocks: readonly Block[]) => breaksIn(blocks, sampleRate, expectedMs);
  return goesFarBack && breaks(stored) <= breaks(byTime) ? stored : byTime;
}

function breaksIn(blocks: readonly Block[], sampleRate: number, expectedMs: number): number {
  let breaks = 0;
  let endMs = expectedMs;
  for (const block of blocks) {
    if (Math.abs(block.timeMs - endMs) > JITTER_MS) breaks += 1;
    endMs = block.timeMs + audioMsOf(block, sampleRate);
  }
  return breaks;
}

/** How long a block's audio is. */
export function audioMsOf({ audio }: Pick<Block, 'audio'>, sampleRate: number): number {
  return (audio.length / BYTES_PER_SAMPLE / sampleRate) * 1000;
}
