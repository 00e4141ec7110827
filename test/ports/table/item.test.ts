/** What is said of an item that can't be read, and what is kept of one that would be too large. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  boundedList,
  boundedText,
  DamagedItem,
  parseItem,
  unlessDamaged,
} from '../../../ports/table/item.ts';

const Schema = v.object({
  name: v.string(),
  digits: v.optional(v.pipe(v.string(), v.regex(/^[0-9]+$/, 'digits alone'))),
  even: v.optional(
    v.pipe(
      v.number(),
      v.check((number) => number % 2 === 0, 'an even number'),
    ),
  ),
  tall: v.optional(v.pipe(v.number(), v.minValue(5))),
});
const read = (value: unknown) => parseItem(Schema, () => 'the item', value);

describe('an item', () => {
  it('is read without what nobody knows', () => {
    expect(read({ name: 'a', digits: '7', other: 1 })).toEqual({ name: 'a', digits: '7' });
  });

  it.each([
    [{}, 'name is missing'],
    [{ name: 7 }, 'name should be string'],
    [{ name: 'a', digits: 'x' }, 'digits should be digits alone'],
    [{ name: 'a', even: 3 }, 'even should be an even number'],
    [{ name: 'a', tall: 3 }, 'tall should be >=5'],
    [{ digits: 'x', name: 7 }, 'name should be string; digits should be digits alone'],
    ['text', 'the whole should be Object'],
  ])('that isn’t one is named with what is wrong, and not with its values: %o', (value, evidence) => {
    const thrown = () => read(value);
    expect(thrown).toThrow(DamagedItem);
    expect(thrown).toThrow(
      `the item is damaged, or was not written by this program: ${evidence}. Correct or delete it`,
    );
    expect(thrown).toThrow(expect.objectContaining({ name: 'DamagedItem' }) as Error);
  });

  it('says five things that are wrong at most', () => {
    const many = v.object(Object.fromEntries(Array.from('abcdefg', (name) => [name, v.string()])));
    expect(() => parseItem(many, () => 'it', {})).toThrow(
      /: a is missing; b is missing; c is missing; d is missing; e is missing\. /,
    );
  });

  it('may be passed over when it is damaged, and for no other reason', () => {
    expect(unlessDamaged(() => 7)).toBe(7);
    expect(unlessDamaged(() => read({}))).toBeUndefined();
    expect(() => {
      unlessDamaged(() => {
        throw new TypeError('a bug');
      });
    }).toThrow('a bug');
  });
});

describe('a text', () => {
  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abc…'],
    ['€€', 6, '€€'],
    ['€€€', 8, '€…'],
    ['€€€', 7, '€…'],
    ['€€€', 6, '€…'],
    ['€€€', 5, '…'],
    ['a\ud800', 9, 'a\ufffd'],
  ])('%s in %i bytes is %s', (text, bytesMax, expected) => {
    expect(boundedText(text, bytesMax)).toBe(expected);
  });
});

it('a list is kept as far as it fits, to the byte', () => {
  expect(boundedList(['ab', 'é', 'c'], 8)).toEqual(['ab', 'é']);
  expect(boundedList(['ab', 'é', 'c'], 7)).toEqual(['ab']);
  expect(boundedList(['abc', 'c'], 4)).toEqual([]);
  expect(boundedList([], 0)).toEqual([]);
});
