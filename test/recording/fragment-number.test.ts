import { describe, expect, it } from 'vitest';
import {
  compareFragmentNumbers,
  padFragmentNumber,
  parseFragmentNumber,
  serverTimestampIn,
} from '../../recording/fragment-number.ts';

describe('the time in a fragment number', () => {
  it('is the server’s', () => {
    const ms = Date.UTC(2026, 2, 14, 9, 26, 53, 589);
    for (const [sequence, random] of [
      [0n, 0n],
      [5n, 77n],
      [(1n << 60n) - 1n, (1n << 28n) - 1n],
    ] as const) {
      expect(serverTimestampIn((1n << 156n) + (sequence << 92n) + (BigInt(ms) << 28n) + random)).toBe(ms);
    }
  });

  it('may be the last one that a number of ms can tell', () => {
    const ms = BigInt(Number.MAX_SAFE_INTEGER);
    expect(serverTimestampIn((1n << 156n) + (ms << 28n))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([
    0n,
    12_345n,
    (1n << 156n) - 1n,
    1n << 157n,
    10n ** 59n,
    (1n << 156n) + (1n << 91n),
    (1n << 156n) + (1n << 81n),
  ])('is none in one that isn’t made like that: %s', (number) => {
    expect(serverTimestampIn(number)).toBeUndefined();
  });
});

describe('a fragment number', () => {
  it('is read in full, however long', () => {
    const text = '91343852333181432392682062622581430834777000001';
    expect(parseFragmentNumber(text)).toBe(BigInt(text));
    expect(parseFragmentNumber('9'.repeat(60))).toBe(10n ** 60n - 1n);
  });

  it('is padded to 60 digits, so that text is in order of number', () => {
    expect(padFragmentNumber(7n)).toBe(`${'0'.repeat(59)}7`);
    expect(padFragmentNumber(10n ** 60n - 1n)).toBe('9'.repeat(60));
  });

  it('is compared as a number', () => {
    expect([
      compareFragmentNumbers(9n, 10n),
      compareFragmentNumbers(10n, 9n),
      compareFragmentNumbers(9n, 9n),
    ]).toEqual([-1, 1, 0]);
  });
});
