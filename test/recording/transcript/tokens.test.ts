import { describe, expect, it } from 'vitest';
import { textOf } from '../../../recording/transcript/masking/tokens.ts';

describe('a text with words', () => {
  it.each([
    ['so it is', 'so it is'],
    [' so  it\nis ', ' so  it\nis '],
    ['no it is', 'so it is'],
    ['so it is not', 'so it is'],
    ['so it', 'so it is'],
  ])('is itself where it says them and no more: %j is %j', (text, expected) => {
    const words = ['so', 'it', 'is'].map((word) => ({ text: word }));
    expect(textOf({ text, words })).toBe(expected);
  });
});
