import { expect, test } from 'vitest';
import { seeded } from '../support/random.ts';
import { wordErrorRate, wordErrors, wordsOf } from './word-errors.ts';

test.each([
  ['the same', 'a b c', 'a b c', 0],
  ['one other', 'a x c', 'a b c', 1],
  ['one too many', 'a b b c', 'a b c', 1],
  ['one too few', 'a c', 'a b c', 1],
  ['all of it, and one more', 'x y z w', 'a b c', 4],
  ['nothing', '', 'a b c', 3],
  ['two that changed places', 'b a c', 'a b c', 2],
  ['marks and large letters', 'A, b… C!', 'a b c', 0],
])('%s', (_, said, known, errors) => {
  expect(wordErrors(wordsOf(said), wordsOf(known))).toBe(errors);
  expect(wordErrorRate(said, known)).toBeCloseTo(errors / 3, 10);
});

test('as many errors one way as the other, and no fewer than the lengths differ by', () => {
  const random = seeded(11);
  for (let round = 0; round < 200; round += 1) {
    const words = () =>
      Array.from({ length: random.integer(0, 8) }, () => 'abc'[random.integer(0, 2)] ?? 'a');
    const [one, other] = [words(), words()];
    const errors = wordErrors(one, other);
    expect(wordErrors(other, one), 'seed 11').toBe(errors);
    expect(errors).toBeGreaterThanOrEqual(Math.abs(one.length - other.length));
    expect(errors).toBeLessThanOrEqual(Math.max(one.length, other.length));
  }
});
