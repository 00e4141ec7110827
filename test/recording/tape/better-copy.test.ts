import { describe, expect, it } from 'vitest';
import type { Wholeness } from '../../../matroska/fragment.ts';
import { betterCopy, sameBlocks } from '../../../recording/tape/better-copy.ts';

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

  it('takes the one that is a beginning of the other', () => {
    const [shorter, longer] = [
      copyOf('tagged', 1, 1, 1),
      { ...copyOf('tagged', 1, 1, 1), pieces: [Uint8Array.of(1, 0, 0)] },
    ];
    expect(betterCopy(shorter, longer)).toBe(shorter);
    expect(betterCopy(longer, shorter)).toBe(shorter);
  });

  it('takes the first of two that are alike', () => {
    const [first, second] = [copyOf('tagged', 1, 1, 1), copyOf('tagged', 1, 1, 1)];
    expect(betterCopy(first, second)).toBe(first);
  });
});

describe('sameBlocks', () => {
  const one = { ...BLOCK, audio: Uint8Array.of(1, 2) };
  const two = { ...one, trackNumber: 2 };

  it.each([
    ['the same blocks', [one, two], [{ ...one, audio: Uint8Array.of(1, 2) }, two], true],
    ['none', [], [], true],
    ['one more', [one], [one, two], false],
    ['one less', [one, two], [one], false],
    ['another track', [one, two], [one, one], false],
    ['another time', [one], [{ ...one, timeMs: 1 }], false],
    ['other audio', [one], [{ ...one, audio: Uint8Array.of(1, 3) }], false],
    ['longer audio', [one], [{ ...one, audio: Uint8Array.of(1, 2, 0) }], false],
  ])('of a reading with %s', (_, a, b, expected) => {
    expect(sameBlocks({ blocks: a }, { blocks: b })).toBe(expected);
  });
});
