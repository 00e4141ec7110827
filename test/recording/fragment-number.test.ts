import { describe, expect, it } from 'vitest';
import { serverTimestampIn } from '../../recording/fragment-number.ts';

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

  it.each([0n, 12_345n, (1n << 156n) - 1n, 1n << 157n, 10n ** 59n, (1n << 156n) + (1n << 91n)])(
    'is none in one that isn’t made like that: %s',
    (number) => {
      expect(serverTimestampIn(number)).toBeUndefined();
    },
  );
});
