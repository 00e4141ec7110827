/** Cuts a channel's samples into blocks, and blocks into fragments, as Connect does. */

/** A run of frames of one channel. */
export interface BlockSpan {
  readonly channel: number;
  readonly startFrame: number;
  readonly frames: number;
}

/** Frames of a channel that are not sent. */
export interface FrameSpan {
  readonly startFrame: number;
  readonly endFrame: number;
}

/** 64 ms at 8 kHz. */
const BLOCK_BYTES = 1024;
const FRAMES_PER_BLOCK = BLOCK_BYTES / 2;
const BLOCKS_PER_FRAGMENT = [16, 17] as const;
/** How often a block is of odd size where odd ones are wanted. */
const ODD_SHARE = 1 / 25;

/** Blocks of 1024 bytes; what remains before a gap or at the end goes into a shorter one. No frame is sent twice. */
export function cutBlocks(
  channel: number,
  frames: number,
  gaps: readonly FrameSpan[],
  odd: (() => number) | undefined,
): BlockSpan[] {
  const blocks: BlockSpan[] = [];
  for (const { startFrame, endFrame } of between(gaps, frames)) {
    for (let at = startFrame; at < endFrame;) {
      const isOdd = odd !== undefined && odd() < ODD_SHARE;
      const wanted = isOdd ? 1 + Math.floor(odd() * (FRAMES_PER_BLOCK - 1)) : FRAMES_PER_BLOCK;
      const length = Math.min(wanted, endFrame - at);
      blocks.push({ channel, startFrame: at, frames: length });
      at += length;
    }
  }
  return blocks;
}

/** What the gaps leave of a channel; they may overlap, and reach beyond it. */
function between(gaps: readonly FrameSpan[], frames: number): FrameSpan[] {
  const spans: FrameSpan[] = [];
  let at = 0;
  for (const gap of [...gaps].sort((a, b) => a.startFrame - b.startFrame)) {
    const endFrame = Math.min(gap.startFrame, frames);
    if (endFrame > at) spans.push({ startFrame: at, endFrame });
    at = Math.max(at, gap.endFrame);
  }
  if (frames > at) spans.push({ startFrame: at, endFrame: frames });
  return spans;
}

/**
 * Groups blocks by when they start: a fragment takes 16 or 17 blocks' time. In order of time, then of channel;
 * where nothing was sent there is no fragment.
 */
export function groupIntoFragments(blocks: readonly BlockSpan[], random: () => number): BlockSpan[][] {
  const inOrder = [...blocks].sort((a, b) => a.startFrame - b.startFrame || a.channel - b.channel);
  const fragments: BlockSpan[][] = [];
  let endFrame = 0;
  for (const block of inOrder) {
    let current = fragments.at(-1);
    if (!current || block.startFrame >= endFrame) {
      while (block.startFrame >= endFrame) {
        endFrame += FRAMES_PER_BLOCK * (random() < 0.5 ? BLOCKS_PER_FRAGMENT[0] : BLOCKS_PER_FRAGMENT[1]);
      }
      current = [];
      fragments.push(current);
    }
    current.push(block);
  }
  return fragments;
}
