import { beforeEach, describe, expect, it } from 'vitest';
import { ID } from '../../matroska/elements.ts';
import { Repeats } from '../../matroska/repeats.ts';
import { readStatement, readTags } from '../../matroska/statement.ts';
import { concat, encode, layout, tags } from '../support/matroska.ts';

/** The payload of a Tags element. */
function payloadOf(pairs: [name: string, value: string][]): Uint8Array {
  const element = tags(pairs);
  return encode(element).subarray(layout([element])[0]?.payload);
}

const SAME = payloadOf([['MimeType', 'audio/L16;rate=8000;channels=1;']]);

let repeats: Repeats;
beforeEach(() => {
  repeats = new Repeats();
});

/** Reads it as the document's only statement, somewhere in what has come. */
function read(payload: Uint8Array, before = 0) {
  repeats.rewind();
  const bytes = concat(new Uint8Array(before), payload);
  return repeats.read(ID.Tags, bytes, before, bytes.length);
}

describe('a statement', () => {
  it('that the document before made with the same bytes is the same one', () => {
    expect(read(SAME, 3)).toBe(read(SAME));
    const before = read(SAME);
    expect(read(SAME, 2_000)).toBe(before);
    repeats = new Repeats();
    expect(read(SAME, 2_000)).toBe(read(SAME));
    expect(read(SAME).tags).toMatchObject([{ name: 'MimeType', value: 'audio/L16;rate=8000;channels=1;' }]);
  });

  it('is read again when any of its bytes is another', () => {
    for (let at = 0; at < SAME.length; at += 1) {
      const other = SAME.with(at, (SAME[at] ?? 0) ^ 1);
      const before = read(SAME);
      const now = read(other);
      expect(now).not.toBe(before);
      expect(now).toEqual(readStatement(ID.Tags, other, 0, other.length));
    }
  });

  it('is read again when it is longer or shorter by something, or stands in another place', () => {
    const before = read(SAME);
    const [one, two] = [payloadOf([['a', 'b']]), payloadOf([['a', 'b'], ['c', 'd']])]; // prettier-ignore
    read(two);
    expect(read(one).tags).toHaveLength(1);
    expect(read(two).tags).toHaveLength(2);
    repeats.rewind();
    repeats.read(ID.Tags, one, 0, one.length);
    expect(repeats.read(ID.Tags, SAME, 0, SAME.length)).not.toBe(before);
  });

  it('is read again when it could not be read to its end', () => {
    const broken = concat(payloadOf([['a', 'b']]), Uint8Array.of(0x73));
    expect(read(broken)).toMatchObject({
      tags: [{ name: 'a', value: 'b' }],
      fault: { at: broken.length - 1 },
    });
    expect(read(broken)).not.toBe(read(broken));
    expect(read(broken, 5).fault?.at).toBe(broken.length + 4);
  });

  it('of other elements is another, whatever its bytes', () => {
    expect(read(SAME).tags).toHaveLength(1);
    repeats.rewind();
    expect(repeats.read(ID.Tracks, SAME, 0, SAME.length)).toEqual(
      readStatement(ID.Tracks, SAME, 0, SAME.length),
    );
    expect(read(SAME).tags).toHaveLength(1);
  });

  it('that is long, or stands far back, is not kept', () => {
    const long = payloadOf([['a', 'x'.repeat(2_000)]]);
    expect(read(long)).not.toBe(read(long));
    expect(read(long)).toEqual(read(long));
    const payload = (length: number) =>
      payloadOf([['a', 'x'.repeat(length - payloadOf([['a', '']]).length - 3)]]);
    const longest = [1_020, 1_021, 1_022, 1_023, 1_024, 1_025]
      .map(payload)
      .filter(({ length }) => length === 1_024);
    expect(longest.length).toBeGreaterThan(0);
    for (const one of longest) expect(read(one)).toBe(read(one));
    const many = () => {
      repeats.rewind();
      return Array.from({ length: 40 }, () => repeats.read(ID.Tags, SAME, 0, SAME.length));
    };
    const [first, again] = [many(), many()];
    expect(again).toEqual(first);
    expect(again.filter((statement, place) => statement === first[place])).toHaveLength(32);
  });
});

describe('Tags alone', () => {
  it('are read to their end, or not at all', () => {
    const payload = payloadOf([['a', 'b'], ['c', '']]); // prettier-ignore
    expect(readTags(payload, 0, payload.length)).toMatchObject([
      { name: 'a', value: 'b' },
      { name: 'c', value: '' },
    ]);
    expect(() => readTags(payload, 0, payload.length - 1)).toThrow('larger than its parent');
  });
});
