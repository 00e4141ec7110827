/** The seal's format: tapes outlive the version that wrote them. */
import { describe, expect, it } from 'vitest';
import { checkSeal, seal } from '../../../recording/tape/seal.ts';

const UUID = '11111111-2222-4333-9444-555555555555';
const BYTES = Buffer.from('abc');
/** The SHA-256 of "abc" is an example of FIPS 180-2: ba7816bf 8f01cfea … */
const SEALED = '11111111-2222-8333-9444-ba7816bf8f01';

describe('a sealed name', () => {
  it('ends with the first 48 bits of the SHA-256, and is of version 8', () => {
    expect(seal(UUID, BYTES)).toBe(SEALED);
  });

  it('tells the bytes that were stored from any others, in whatever pieces they come', () => {
    const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 256));
    const name = seal(UUID, bytes);
    for (const cut of [0, 1, 500, 1_000]) {
      const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(checkSeal(name, pieces)).toBe('sound');
      expect(checkSeal(name.toUpperCase(), pieces)).toBe('sound');
      expect(checkSeal(name, pieces.slice(0, 1))).toBe(cut === 1_000 ? 'sound' : 'damaged');
      expect(checkSeal(name, [...pieces, Buffer.of(0)])).toBe('damaged');
    }
  });

  it('is one of version 8 alone', () => {
    expect(checkSeal(UUID, [BYTES])).toBe('unsealed');
    expect(checkSeal('notes', [BYTES])).toBe('unsealed');
  });
});
