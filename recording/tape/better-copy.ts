/** Chooses the copy of a fragment that counts. The choice is total, so that no order of reading changes it. */
import { documentOf, type Fragment } from '../../matroska/fragment.ts';

/**
 * The one with trailing tags, then with most blocks, then with most tags (one that broke off behind its audio lacks its
 * format), then the smaller bytes.
 */
export function betterCopy<F extends Pick<Fragment, 'wholeness' | 'blocks' | 'tags' | 'pieces'>>(
  a: F,
  b: F,
): F {
  const tagged = Number(b.wholeness === 'tagged') - Number(a.wholeness === 'tagged');
  if (tagged !== 0) return tagged < 0 ? a : b;
  const blocks = b.blocks.length - a.blocks.length;
  if (blocks !== 0) return blocks < 0 ? a : b;
  const tags = b.tags.size - a.tags.size;
  if (tags !== 0) return tags < 0 ? a : b;
  return compareBytes(documentOf(a), documentOf(b)) <= 0 ? a : b;
}

/** Two readings of a fragment brought the same audio, though maybe other tags. */
export function sameBlocks(a: Pick<Fragment, 'blocks'>, b: Pick<Fragment, 'blocks'>): boolean {
  if (a.blocks.length !== b.blocks.length) return false;
  return a.blocks.every((block, index) => {
    const other = b.blocks[index];
    return (
      other?.trackNumber === block.trackNumber &&
      other.timeMs === block.timeMs &&
      compareBytes(block.audio, other.audio) === 0
    );
  });
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
