import { describe, expect, it } from 'vitest';
import { byteLengthOf, documentOf, isNumbered } from '../../matroska/fragment.ts';
import { fragmentOf } from '../support/documents.ts';

const ONE = Uint8Array.of(1, 2);
const TWO = Uint8Array.of(3);

describe('a document', () => {
  it.each([
    ['nothing', [], []],
    ['one piece', [ONE], [1, 2]],
    ['several pieces', [ONE, TWO, ONE], [1, 2, 3, 1, 2]],
  ])('of %s is in one', (_, pieces, bytes) => {
    expect([...documentOf({ pieces })]).toEqual(bytes);
    expect(byteLengthOf({ pieces })).toBe(bytes.length);
  });

  it('of one piece isn’t copied', () => {
    expect(documentOf({ pieces: [ONE] })).toBe(ONE);
  });
});

describe('a fragment', () => {
  it('is numbered where its number is known', () => {
    const fragment = fragmentOf({ number: 0n });
    expect(isNumbered(fragment)).toBe(true);
    expect(isNumbered({ ...fragment, number: undefined })).toBe(false);
  });
});
