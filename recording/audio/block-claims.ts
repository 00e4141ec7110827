/**
 * What a track's blocks say of where it goes on. A single one may be wrong, and then those behind it say otherwise:
 * each tells where the first of them begins, if it is right and they follow one another.
 */
import type { Block } from '../../matroska/fragment.ts';
import { audioMsOf, type Channels, STRAY_MS } from './block-order.ts';
import { lowerMedian } from './median.ts';
import type { Channel } from './pcm.ts';

/** So many blocks are asked that two may be wrong. */
const ASKED = 5;
const ASKED_OF_NEXT = 3;

/**
 * When a track's block begins, as most of the blocks behind it agree: never later than it says itself, and earlier only
 * where they contradict it by more than jitter explains. @param index of the block. @returns by the producer's clock
 */
export function agreedTime(
  blocks: readonly Block[],
  index: number,
  channels: Channels,
  channel: Channel,
  sampleRate: number,
): number {
  const claims = claimsFrom(blocks, index, channels, channel, sampleRate, ASKED);
  const ownMs = claims[0] ?? 0;
  const agreedMs = lowerMedian(claims) ?? ownMs;
  return ownMs - agreedMs > STRAY_MS ? agreedMs : ownMs;
}

/**
 * When a track begins at all: as {@link agreedTime}, but not with a block that comes before the others say, and before
 * its own fragment. @param ownMs the fragment's own time
 */
export function firstTime(
  blocks: readonly Block[],
  index: number,
  channels: Channels,
  channel: Channel,
  sampleRate: number,
  ownMs: number,
): number {
  const timeMs = agreedTime(blocks, index, channels, channel, sampleRate);
  const claims = claimsFrom(blocks, index, channels, channel, sampleRate, ASKED);
  const agreedMs = lowerMedian(claims) ?? timeMs;
  const isLonely = timeMs < ownMs - STRAY_MS && timeMs < agreedMs - STRAY_MS;
  return isLonely ? agreedMs : timeMs;
}

/** When a fragment's part of a track begins, as most of its first blocks say; undefined where it has none. */
export function beginOfTrack(
  blocks: readonly Block[],
  channels: Channels,
  channel: Channel,
  sampleRate: number,
): number | undefined {
  return lowerMedian(claimsFrom(blocks, 0, channels, channel, sampleRate, ASKED_OF_NEXT));
}

/** Of the track's next blocks from an index on, so many at most. */
function claimsFrom(
  blocks: readonly Block[],
  index: number,
  channels: Channels,
  channel: Channel,
  sampleRate: number,
  count: number,
): number[] {
  const claims: number[] = [];
  let behindMs = 0;
  for (let at = index; claims.length < count; at += 1) {
    const block = blocks[at];
    if (block === undefined) break;
    if (channels.get(block.trackNumber) !== channel) continue;
    claims.push(block.timeMs - behindMs);
    behindMs += audioMsOf(block, sampleRate);
  }
  return claims;
}
