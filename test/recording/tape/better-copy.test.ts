import { describe, expect, it } from 'vitest';
import type { Wholeness } from '../../../matroska/fragment.ts';
import { betterCopy } from '../../../recording/tape/better-copy.ts';

const BLOCK = { trackNumber: 1, timeMs: 0, audio: new Uint8Array(2) };

function copyOf(wholeness: Wholeness, blocks: number, tags: number, byte: number) {
  return {
    wholeness,
    blocks: Array.from({ length: blocks }, () => BLOCK),
    tags: new Map(Array.from({ length: tags }, (_, index) => [`tag ${index}`, ''])),
    pieces: [Uint8Array.of(byte, 0)],
  };
}

describe('betterCopy', () => {
  it.each([
    ['with trailing tags', copyOf('tagged', 1, 1, 9), copyOf('structural', 5, 5, 1)],
    ['with most blocks', copyOf('torn', 3, 1, 9), copyOf('structural', 2, 5, 1)],
    ['with most tags, which tell the format', copyOf('structural', 2, 5, 9), copyOf('torn', 2, 4, 1)],
    ['with the smaller bytes', copyOf('tagged', 2, 5, 1), copyOf('tagged', 2, 5, 2)],
  ])('takes the one %s, whichever comes first', (_, better, worse) => {
    expect(betterCopy(better, worse)).toBe(better);
    expect(betterCopy(worse, better)).toBe(better);
  });
});
