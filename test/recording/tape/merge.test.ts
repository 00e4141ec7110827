import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TAG } from '../../../matroska/tags.ts';
import type { Loss } from '../../../recording/call-record.ts';
import type { OwnFragment } from '../../../recording/ownership.ts';
import { rangeFrom } from '../../../recording/range.ts';
import { TapeMerge, type TapeObjectContent } from '../../../recording/tape/merge.ts';
import { seal } from '../../../recording/tape/seal.ts';
import { layOut } from '../../support/audio.ts';
import { RECORDING, START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { documentOf, fragmentOf, ramp, T0, type TestDocument } from '../../support/documents.ts';
import { runs as tries } from '../../support/runs.ts';

const UUID = 'aaaaaaaa-0000-4000-8000-000000000000';
const numberOf = (index: number) => START_FRAGMENT_NUMBER + BigInt(index) * 100n;

function document(index: number, options: TestDocument = {}): Uint8Array {
  const atMs = T0 + index * 100;
  return documentOf({
    number: numberOf(index),
    blocks: [
      { channel: 0, atMs, pcm: ramp(800, index * 800) },
      { channel: 1, atMs, pcm: ramp(800, index * 800 + 7) },
    ],
    ...options,
  });
}

function objectOf(
  indices: readonly number[],
  bytes = Buffer.concat(indices.map((index) => document(index))),
): TapeObjectContent {
  const first = numberOf(Math.min(...indices));
  const last = numberOf(Math.max(...indices));
  return { first, last, uuid: seal(UUID, bytes), content: { pieces: inPieces(bytes) } };
}

/** Cuts an object anywhere, as it may come. */
function inPieces(bytes: Uint8Array): Uint8Array[] {
  const cut = Math.floor(bytes.length / 3);
  return [bytes.subarray(0, cut), bytes.subarray(cut, cut + 1), bytes.subarray(cut + 1)];
}

function bytesOf({ content }: TapeObjectContent): Buffer {
  if (!('pieces' in content)) throw new Error('the object is unreadable');
  return Buffer.concat(content.pieces);
}

/** Makes it a stranger's object, whose name doesn't tell whether the bytes are right. */
function unsealed(object: TapeObjectContent): TapeObjectContent {
  return { ...object, uuid: UUID };
}

function withBytes(object: TapeObjectContent, change: (bytes: Buffer) => Buffer): TapeObjectContent {
  return { ...object, content: { pieces: inPieces(change(bytesOf(object))) } };
}

function merge(objects: readonly TapeObjectContent[], endBefore?: bigint) {
  const tape = new TapeMerge(RECORDING, { ...rangeFrom(RECORDING), endBefore });
  const fragments: OwnFragment[] = [];
  for (const object of objects) fragments.push(...tape.add(object));
  fragments.push(...tape.finish());
  return { tape, fragments, numbers: fragments.map(({ number }) => number), losses: tape.losses() };
}

const byFirst = (a: TapeObjectContent, b: TapeObjectContent) =>
  a.first < b.first ? -1 : a.first > b.first ? 1 : 0;

describe('TapeMerge', () => {
  const FRAGMENTS = 12;
  const all = Array.from({ length: FRAGMENTS }, (_, index) => index);
  const truth = layOut(all.map((index) => fragmentFrom(document(index)))).audio;

  it('gives the same audio for any runs of the fragments, overlapping and repeated, that cover all', () => {
    const run = fc
      .tuple(fc.nat(FRAGMENTS - 1), fc.integer({ min: 1, max: FRAGMENTS }))
      .map(([from, length]) => all.slice(from, from + length));
    const runs = fc
      .array(run, { maxLength: 8 })
      .chain((extra) =>
        fc
          .array(fc.boolean(), { minLength: FRAGMENTS - 1, maxLength: FRAGMENTS - 1 })
          .map((cuts) => [...split(all, cuts), ...extra]),
      );
    fc.assert(
      fc.property(runs, fc.array(fc.nat(), { minLength: 24, maxLength: 24 }), (pieces, ties) => {
        // Objects come in order of their first fragment; those that begin alike in any order.
        const objects = pieces
          .map((piece, index) => ({ object: objectOf(piece), tie: ties[index] ?? 0 }))
          .sort((a, b) => byFirst(a.object, b.object) || a.tie - b.tie)
          .map(({ object }) => object);
        const { fragments, losses, tape } = merge(objects);
        expect(layOut(fragments).audio.equals(truth)).toBe(true);
        expect(losses).toEqual([]);
        expect(tape.stored).toBe(FRAGMENTS);
      }),
      { numRuns: tries(300) },
    );
  });

  it('prefers the copy with trailing tags, then the one with most blocks', () => {
    const short = document(0, { untagged: true, blocks: [{ channel: 0, atMs: T0, pcm: ramp(8) }] });
    const untagged = document(0, { untagged: true });
    const whole = document(0);
    for (const copies of [
      [short, untagged, whole],
      [whole, untagged, short],
      [untagged, whole, short],
    ]) {
      const { fragments } = merge(copies.map((bytes) => objectOf([0], Buffer.from(bytes))));
      expect(fragments.map(({ wholeness }) => wholeness)).toEqual(['tagged']);
    }
    const { fragments } = merge([short, untagged].map((bytes) => objectOf([0], Buffer.from(bytes))));
    expect(fragments[0]?.blocks).toHaveLength(2);
  });

  it('leaves out what is another contact’s, before the start, or of the contact’s next recording', () => {
    const foreign = document(2, { contactId: 'somebody-else' });
    const before = documentOf({ number: START_FRAGMENT_NUMBER - 1n, blocks: [] });
    const bytes = Buffer.concat([before, document(0), document(1), foreign, document(3), document(4)]);
    const { numbers, tape } = merge(
      [{ ...objectOf([0, 4], bytes), first: START_FRAGMENT_NUMBER - 1n }],
      numberOf(4),
    );
    expect(numbers).toEqual([0, 1, 3].map(numberOf));
    expect(tape.stored).toBe(6);
  });

  it('takes an untagged fragment on the tape for the recording’s: the recorder has judged it', () => {
    expect(
      merge([objectOf([0, 1], Buffer.concat([document(0), document(1, { contactId: '' })]))]).numbers,
    ).toHaveLength(2);
  });
});

describe('TapeMerge, with damage', () => {
  const object = objectOf([0, 1, 2, 3]);
  const documentBytes = document(0).length;

  it('declares an object that can’t be read by its name', () => {
    const { losses, numbers } = merge([
      objectOf([0]),
      { ...objectOf([1, 2]), content: { unreadable: 'AccessDenied' } },
      objectOf([3]),
    ]);
    expect(numbers).toEqual([0, 3].map(numberOf));
    expect(losses).toMatchObject([
      {
        kind: 'TAPE_DAMAGED',
        firstFragmentNumber: numberOf(1).toString(),
        lastFragmentNumber: numberOf(2).toString(),
      },
    ]);
  });

  it('reads on behind every damage of an object, and declares each', () => {
    const broken = withBytes(unsealed(objectOf([0, 1, 2, 3, 4])), (bytes) => {
      for (const index of [1, 3]) bytes.fill(0xff, index * documentBytes + 60, index * documentBytes + 200);
      return bytes;
    });
    const { numbers, losses } = merge([broken]);
    expect(numbers).toEqual([0, 2, 4].map(numberOf));
    expect(losses.map(({ firstFragmentNumber }) => firstFragmentNumber)).toEqual(
      [1, 3].map((index) => (numberOf(index - 1) + 1n).toString()),
    );
  });

  it('reads on behind a damaged fragment, and declares just that one', () => {
    for (const make of [(one: TapeObjectContent) => one, unsealed]) {
      const broken = withBytes(make(object), (bytes) =>
        bytes.fill(0xff, documentBytes + 60, documentBytes + 200),
      );
      const { numbers, losses } = merge([broken]);
      expect(numbers).toEqual([0, 2, 3].map(numberOf));
      expect(losses).toMatchObject([
        {
          kind: 'TAPE_DAMAGED',
          firstFragmentNumber: (numberOf(0) + 1n).toString(),
          lastFragmentNumber: (numberOf(2) - 1n).toString(),
        },
      ]);
    }
  });

  it('declares every way of cutting an object short, and never fails', () => {
    const bytes = bytesOf(object).length;
    const step = Math.ceil(bytes / tries(bytes));
    for (let length = 0; length < bytes; length += step) {
      const { losses, numbers } = merge([withBytes(object, (whole) => whole.subarray(0, length))]);
      expect(losses, `cut at ${length}`).not.toEqual([]);
      expect(numbers).toEqual([0, 1, 2, 3].map(numberOf).slice(0, numbers.length));
    }
  });

  it('declares any flipped byte of a sealed object, even in the audio', () => {
    const bytes = bytesOf(object).length;
    fc.assert(
      fc.property(fc.nat(bytes - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const { losses } = merge([
          withBytes(object, (whole) => {
            whole[at] = (whole[at] ?? 0) ^ flip;
            return whole;
          }),
        ]);
        expect(losses).not.toEqual([]);
      }),
    );
  });

  it('uses the sound copy where there is one, and then nothing is lost', () => {
    const broken = withBytes(object, (bytes) => bytes.fill(0, documentBytes - 400, documentBytes - 300));
    for (const objects of [
      [broken, object],
      [object, broken],
    ]) {
      const { fragments, losses } = merge(objects);
      expect(losses).toEqual([]);
      expect(layOut(fragments).audio.equals(layOut(merge([object]).fragments).audio)).toBe(true);
    }
  });

  it('takes an object that is no Matroska at all for a loss of all that its name promises', () => {
    const { losses, numbers } = merge([withBytes(object, () => Buffer.from('<html>not found</html>'))]);
    expect(numbers).toEqual([]);
    expect(losses).toMatchObject([
      { firstFragmentNumber: numberOf(0).toString(), lastFragmentNumber: numberOf(3).toString() },
    ]);
  });

  describe('a damaged object, and one whose name spans it', () => {
    const unreadable = (indices: readonly number[]): TapeObjectContent => ({
      ...objectOf(indices),
      content: { unreadable: 'AccessDenied' },
    });

    it.each([
      ['holds what is on both sides of it alone', [1, 9], 1],
      ['holds a part of it', [1, 4, 9], 1],
      ['holds all of it', [1, 2, 3, 4, 5, 6, 7, 8, 9], 0],
    ])('is a loss only where that one %s', (_, indices, losses) => {
      expect(merge([objectOf([0]), objectOf(indices), unreadable([4, 5, 6])]).losses).toHaveLength(losses);
    });

    it('is no loss where two that share a fragment hold it', () => {
      const objects = [unreadable([4, 5, 6]), objectOf([4, 5]), objectOf([5, 6, 7])];
      expect(merge(objects).losses).toEqual([]);
      expect(merge([objectOf([4, 5]), unreadable([4, 5, 6]), objectOf([6, 7])]).losses).toHaveLength(1);
    });
  });

  it('tells a tape that may not be read from one that is damaged', () => {
    const refused = { ...objectOf([0]), content: { unreadable: 'AccessDenied', refused: true } };
    expect(merge([refused]).tape.refusal).toBe('AccessDenied');
    expect(merge([refused, objectOf([1])]).tape.refusal).toBeUndefined();
    expect(merge([]).tape.refusal).toBeUndefined();
  });

  it('counts what was read live, whatever came from the archive beside', () => {
    const archived = Buffer.concat(
      [1, 2].map((index) => document(index, { extraTags: [[TAG.archivedServerTimestamp, '1.000']] })),
    );
    const { tape } = merge([objectOf([0, 1]), objectOf([1, 2], archived)]);
    expect([tape.stored, tape.counted.live]).toEqual([3, 2]);
  });

  it('tells which fragments an undamaged object holds, which came from the archive, and which is the last', () => {
    const archived = document(1, { extraTags: [[TAG.archivedServerTimestamp, '1.000']] });
    const foreign = document(3, { contactId: 'somebody-else' });
    const sound = objectOf([0, 1, 3], Buffer.concat([document(0), archived, foreign]));
    const broken = withBytes(objectOf([2]), (bytes) =>
      bytes.fill(0, documentBytes - 400, documentBytes - 300),
    );
    const { tape } = merge([sound, broken]);
    expect([...tape.numbers]).toEqual([
      [numberOf(0), true],
      [numberOf(1), true],
      [numberOf(2), false],
    ]);
    expect([...tape.archived]).toEqual([numberOf(1)]);
    expect(tape.last).toBe(numberOf(2));
  });

  it('says of each damage what it is, and between which fragments', () => {
    const lossOf = (...objects: TapeObjectContent[]) => {
      const [loss, ...more] = merge(objects).losses;
      expect(more).toEqual([]);
      return { ...loss, why: loss?.why.replace('a tape object is damaged: ', '') };
    };
    const between = (why: unknown, first: bigint, last: bigint) => ({
      kind: 'TAPE_DAMAGED',
      why,
      firstFragmentNumber: first.toString(),
      lastFragmentNumber: last.toString(),
    });
    const all = unsealed(object);
    const malformed: unknown = expect.stringContaining('malformed Matroska at byte');
    const cut = (length: number) => withBytes(all, (bytes) => bytes.subarray(0, length));
    const harmed = withBytes(object, (bytes) => bytes.fill(9, documentBytes - 400, documentBytes - 300));
    const spoilt = (index: number) =>
      withBytes(all, (bytes) => bytes.fill(0xff, index * documentBytes + 60, index * documentBytes + 200));

    expect(lossOf({ ...object, content: { unreadable: 'AccessDenied' } })).toEqual(
      between('AccessDenied', numberOf(0), numberOf(3)),
    );
    expect(lossOf(harmed)).toEqual(
      between('its bytes are not those that were stored', numberOf(0), numberOf(3)),
    );
    expect(lossOf(cut(2 * documentBytes))).toEqual(
      between('it lacks fragments that its name promises', numberOf(1) + 1n, numberOf(3)),
    );
    expect(lossOf({ ...cut(4 * documentBytes - 20), last: numberOf(3) })).toEqual(
      between('a fragment is cut short', numberOf(3), numberOf(3)),
    );
    expect(lossOf(spoilt(0))).toEqual(between(malformed, numberOf(0), numberOf(1) - 1n));
    expect(lossOf(spoilt(3))).toEqual(between(malformed, numberOf(2) + 1n, numberOf(3)));
  });

  it('has damages mended by an object that holds the fragments on both sides of them', () => {
    const spoilt = (index: number) =>
      withBytes(object, (bytes) => bytes.fill(0xff, index * documentBytes + 60, index * documentBytes + 200));
    expect(merge([spoilt(1), objectOf([0, 1, 2])]).losses).toEqual([]);
    expect(merge([spoilt(1), objectOf([1, 2])]).losses).toHaveLength(1);
    expect(merge([spoilt(2), objectOf([1, 2, 3])]).losses).toEqual([]);
    expect(merge([withBytes(object, () => Buffer.from('<html>')), object]).losses).toEqual([]);
    expect(merge([spoilt(0), objectOf([0, 1])]).losses).toEqual([]);
    expect(merge([spoilt(0), objectOf([1])]).losses).toHaveLength(1);
    expect(merge([spoilt(3), objectOf([2, 3])]).losses).toEqual([]);
    expect(merge([spoilt(3), objectOf([2])]).losses).toHaveLength(1);
  });

  it('tells whether what was damaged once is there now', () => {
    const suspect = (first: number, last: number): Loss => ({
      kind: 'TAPE_DAMAGED',
      why: 'so',
      firstFragmentNumber: numberOf(first).toString(),
      lastFragmentNumber: numberOf(last).toString(),
    });
    const there = [suspect(0, 1), suspect(0, 3), suspect(3, 3)];
    const gone = [suspect(2, 4), suspect(0, 4), suspect(-1, 3)];
    const tape = new TapeMerge(RECORDING, rangeFrom(RECORDING), [...there, ...gone]);
    Array.from(tape.add(object));
    expect(there.map((loss) => tape.isMended(loss))).toEqual([true, true, true]);
    expect(gone.map((loss) => tape.isMended(loss))).toEqual([false, false, false]);
    expect(tape.isMended({ kind: 'FRAGMENT_CUT', why: 'so' })).toBe(false);
  });

  it('hands over what nothing to come can precede, and no more', () => {
    const tape = new TapeMerge(RECORDING, rangeFrom(RECORDING));
    const numbers = (fragments: Iterable<OwnFragment>) => Array.from(fragments, ({ number }) => number);
    expect(numbers(tape.add(objectOf([0, 1, 2, 3])))).toEqual([]);
    expect(numbers(tape.add(objectOf([1, 4])))).toEqual([numberOf(0)]);
    expect(numbers(tape.upTo(numberOf(2)))).toEqual([1, 2].map(numberOf));
    expect(numbers(tape.finish())).toEqual([3, 4].map(numberOf));
    expect(numbers(tape.finish())).toEqual([]);
  });

  it('hands over no fragment twice, though an object hold what its name doesn’t promise', () => {
    const bytes = Buffer.concat([0, 1, 2, 3].map((index) => document(index)));
    const tape = [objectOf([0, 1]), objectOf([2, 3], bytes), objectOf([3])];
    expect(merge(tape).numbers).toEqual([0, 1, 2, 3].map(numberOf));
  });

  it('leaves out what has no number', () => {
    const nameless = Buffer.from(
      Buffer.from(document(1))
        .toString('latin1')
        .replace('AWS_KINESISVIDEO_FRAGMENT', 'XYZ_KINESISVIDEO_FRAGMENT'),
      'latin1',
    );
    const { numbers, losses } = merge([
      objectOf([0, 2], Buffer.concat([document(0), nameless, document(2)])),
    ]);
    expect({ numbers, losses }).toEqual({ numbers: [0, 2].map(numberOf), losses: [] });
  });

  it('counts a fragment as read live where any copy of it was', () => {
    const archived = (index: number) =>
      document(index, { extraTags: [[TAG.archivedServerTimestamp, '1.000']] });
    const [first, second] = [objectOf([0], Buffer.from(archived(0))), objectOf([0])];
    expect(merge([first, second]).tape.counted).toEqual({ stored: 1, live: 1 });
    expect(merge([second, first]).tape.counted).toEqual({ stored: 1, live: 1 });
    expect(merge([first]).tape.counted).toEqual({ stored: 1, live: 0 });
    expect(merge([first, first]).tape.counted).toEqual({ stored: 1, live: 0 });
  });

  const archivedAt = [TAG.archivedServerTimestamp, '1.000'] as const;
  const fromArchive = Buffer.from(document(0, { untagged: true, extraTags: [archivedAt] }));
  const live = Buffer.from(document(0, { untagged: true }));
  /** Better than the archive's by its tags, but for those that tell it is whole. */
  const manyTags: TestDocument['extraTags'] = [
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
  ];
  const liveAndBetter = Buffer.from(document(0, { untagged: true, extraTags: manyTags }));
  it.each<[string, readonly TapeObjectContent[], boolean]>([
    ['with its trailing tags', [objectOf([0])], true],
    ['from the archive', [objectOf([0], fromArchive)], true],
    ['without trailing tags', [objectOf([0], live)], false],
    ['and a copy from the archive', [objectOf([0], live), objectOf([0], fromArchive)], true],
    ['no worse than one from the archive', [objectOf([0], fromArchive), objectOf([0], liveAndBetter)], true],
    ['no worse than one that came before', [objectOf([0], liveAndBetter), objectOf([0], fromArchive)], true],
    [
      'without trailing tags, and whole in a damaged object',
      [withBytes(objectOf([0], fromArchive), (bytes) => bytes.fill(9, 1_000, 1_004)), objectOf([0], live)],
      false,
    ],
  ])('tells whether it holds a fragment whole: %s', (_, objects, isWhole) => {
    expect(merge(objects).tape.holdsWhole(numberOf(0))).toBe(isWhole);
  });

  it('tells the first reason why a tape may not be read', () => {
    const refused = (why: string) => ({ ...objectOf([0]), content: { unreadable: why, refused: true } });
    expect(merge([refused('the key is disabled'), refused('AccessDenied')]).tape.refusal).toBe(
      'the key is disabled',
    );
    const unreadable = { ...objectOf([0]), content: { unreadable: 'too slow' } };
    expect(merge([unreadable]).tape.refusal).toBeUndefined();
  });

  it('counts apart what a task stored behind where the counters have come to', () => {
    const tape = new TapeMerge(RECORDING, rangeFrom(RECORDING), [], numberOf(1));
    Array.from(tape.add(objectOf([0, 1])));
    Array.from(tape.add(objectOf([2, 3])));
    Array.from(tape.finish());
    expect([tape.stored, tape.counted]).toEqual([4, { stored: 2, live: 2 }]);
  });
});

function fragmentFrom(bytes: Uint8Array): OwnFragment {
  const [fragment] = merge([unsealedWhole(bytes)]).fragments;
  return fragment ?? fragmentOf({});
}

function unsealedWhole(bytes: Uint8Array): TapeObjectContent {
  return {
    first: START_FRAGMENT_NUMBER,
    last: START_FRAGMENT_NUMBER + 10_000n,
    uuid: UUID,
    content: { pieces: inPieces(bytes) },
  };
}

/** `items` in runs, ended wherever `cuts` says so. */
function split(items: readonly number[], cuts: readonly boolean[]): number[][] {
  const runs: number[][] = [[]];
  for (const [index, item] of items.entries()) {
    runs.at(-1)?.push(item);
    if (cuts[index] === true) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}
