/** Bytes that are all there: read to their end, or as far as they can be. */
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../matroska/errors.ts';
import type { Fragment } from '../../matroska/fragment.ts';
import { readAll } from '../../matroska/read-all.ts';
import { Repeats } from '../../matroska/repeats.ts';
import { salvage } from '../../matroska/salvage.ts';
import { concat, encode } from '../support/matroska.ts';
import { EPOCH_MS, sampleCluster, sampleDocument } from './sample.ts';

const document = (number: bigint) =>
  encode(...sampleDocument({ number, clusters: [sampleCluster(EPOCH_MS)] }));
const LENGTH = document(1n).length;

function inPieces(bytes: Uint8Array): Uint8Array[] {
  const cut = Math.floor(bytes.length / 2);
  return [bytes.subarray(0, cut), bytes.subarray(cut)];
}

describe('reading all', () => {
  function all(bytes: Uint8Array) {
    const reading = readAll(inPieces(bytes));
    const numbers: (bigint | undefined)[] = [];
    for (;;) {
      const { done, value } = reading.next();
      if (done === true) return { numbers, error: value };
      numbers.push(value.number);
    }
  }

  it('gives each fragment, and the one that is cut', () => {
    const bytes = concat(document(1n), document(2n));
    expect(all(bytes)).toEqual({ numbers: [1n, 2n], error: undefined });
    expect(all(bytes.subarray(0, -10))).toEqual({ numbers: [1n, 2n], error: undefined });
  });

  it('gives nothing of nothing', () => {
    expect(all(new Uint8Array())).toEqual({ numbers: [], error: undefined });
  });

  it('ends with what can’t be read', () => {
    const { numbers, error } = all(concat(document(1n), new Uint8Array(50), document(2n)));
    expect(numbers).toEqual([1n]);
    expect(error).toBeInstanceOf(MalformedError);
    expect(error?.offset).toBe(LENGTH);
  });

  it('fails with what is no fault of the bytes', () => {
    class Broken extends Repeats {
      override read(): never {
        throw new RangeError('not of the bytes');
      }
    }
    expect(() => Array.from(readAll([document(1n)], new Broken()))).toThrow(RangeError);
  });
});

describe('salvaging', () => {
  const told = (part: Fragment | MalformedError) => (part instanceof MalformedError ? 'error' : part.number);
  const salvaged = (...parts: Uint8Array[]) =>
    Array.from(salvage(inPieces(concat(...parts)), new Repeats()), told);
  const zeros = (length: number) => new Uint8Array(length);

  it.each([
    ['what is whole', [document(1n), document(2n)], [1n, 2n]],
    ['what has something else between', [document(1n), zeros(9), document(2n)], [1n, 'error', 2n]],
    ['what begins with something else', [zeros(1), document(2n)], ['error', 2n]],
    ['what ends with something else', [document(1n), zeros(9)], [1n, 'error']],
    [
      'what is damaged several times',
      [zeros(9), document(1n), zeros(9), document(2n), zeros(9)],
      ['error', 1n, 'error', 2n, 'error'],
    ],
    [
      'what has bytes that an EBML header begins with',
      [document(1n), Uint8Array.of(0, 0x1a, 0x1a, 0x45, 0x1a, 0x45, 0xdf, 0), document(2n)],
      [1n, 'error', 2n],
    ],
    [
      'what has an EBML header with no number behind it',
      [document(1n), zeros(1), document(3n).subarray(0, 20), document(2n)],
      [1n, 'error', undefined, 2n],
    ],
    ['nothing', [], []],
  ])('reads %s', (_, parts, expected) => {
    expect(salvaged(...parts)).toEqual(expected);
  });

  it('tells where, from where it began to read', () => {
    const bytes = concat(document(1n), zeros(9), document(2n), zeros(9));
    const errors = Array.from(salvage([bytes], new Repeats())).filter(
      (part) => part instanceof MalformedError,
    );
    expect(errors.map(({ offset }) => offset)).toEqual([LENGTH, LENGTH]);
  });

  it('reads what stands behind a fault within a fragment', () => {
    const spoilt = document(2n).fill(0xff, 60, 160);
    expect(salvaged(document(1n), spoilt, document(3n))).toEqual([1n, 'error', 3n]);
  });
});
