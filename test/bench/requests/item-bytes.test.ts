import { expect, it } from 'vitest';
import { itemBytes } from '../../../bench/requests/item-bytes.ts';

it.each([
  ['nothing', {}, 0],
  ['a name and a string, in UTF-8', { né: 'ü' }, 3 + 2],
  ['a number, two digits to a byte, and one', { n: 1_234 }, 1 + 2 + 1],
  ['an odd number of digits, without the point', { n: 0.987 }, 1 + 2 + 1],
  ['a switch', { b: true }, 1 + 1],
  ['a list, three and one for each', { l: ['a', 'bc'] }, 1 + 3 + 2 + 3],
  ['maps in a list', { w: [{ t: 'x' }] }, 1 + 3 + 1 + (3 + 1 + 2)],
])('an item is as large as DynamoDB counts it: %s', (_, item, bytes) => {
  expect(itemBytes(item)).toBe(bytes);
});
