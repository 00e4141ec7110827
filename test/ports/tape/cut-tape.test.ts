/** What is behind a number goes, what is before it stays, and neither a crash nor an object that can't be read loses any of that. */
import { describe, expect, it } from 'vitest';
import { cutTape, reachingTo } from '../../../ports/tape/cut-tape.ts';
import { MemoryTape } from '../../../ports/tape/memory-tape.ts';
import { readTape } from '../../../ports/tape/read-tape.ts';
import { TapeObjectMissing } from '../../../ports/tape/tape.ts';
import { rangeFrom } from '../../../recording/range.ts';
import { TapeMerge } from '../../../recording/tape/merge.ts';
import { RECORDING } from '../../support/call.ts';
import { collect } from '../../support/collect.ts';
import { documentOf, ramp, T0 } from '../../support/documents.ts';

const FIRST = RECORDING.startFragmentNumber;

function document(index: number): Uint8Array {
  const block = { channel: 0 as const, atMs: T0 + index * 1_000, pcm: ramp(800, index * 800) };
  return documentOf({ number: FIRST + BigInt(index), blocks: [block] });
}

/** @param objects which fragments each holds, from one to another */
async function tapeOf(...objects: readonly (readonly [first: number, last: number])[]): Promise<MemoryTape> {
  const tape = new MemoryTape();
  for (const [first, last] of objects) {
    const bytes = Buffer.concat(
      Array.from({ length: last - first + 1 }, (_, index) => document(first + index)),
    );
    await tape.append(RECORDING, { first: FIRST + BigInt(first), last: FIRST + BigInt(last), bytes });
  }
  return tape;
}

/** What each object says that it holds, in order. */
async function objectsOn(tape: MemoryTape): Promise<number[][]> {
  const objects = await collect(tape.list(RECORDING));
  return objects.map(({ first, last }) => [Number(first - FIRST), Number(last - FIRST)]);
}

/** What can be read of it. */
async function fragmentsOn(tape: MemoryTape): Promise<number[]> {
  const merge = new TapeMerge(RECORDING, rangeFrom(RECORDING));
  const read: bigint[] = [];
  for await (const object of readTape(tape, RECORDING))
    for (const { number } of merge.add(object)) read.push(number);
  for (const { number } of merge.finish()) read.push(number);
  return read.map((number) => Number(number - FIRST));
}

const cut = (tape: MemoryTape, from: number, remove = (key: string) => tape.remove(key)) =>
  cutTape(tape, RECORDING, FIRST + BigInt(from), remove);

describe('a tape that is cut', () => {
  it('keeps what ends before, loses what begins there or later, and what reaches over it is split', async () => {
    const tape = await tapeOf([0, 3], [4, 7], [6, 9], [8, 8], [10, 12]);
    await cut(tape, 8);
    expect(await objectsOn(tape)).toEqual([
      [0, 3],
      [4, 7],
      [6, 7],
    ]);
    expect(await fragmentsOn(tape)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('is the same when it is cut there once more', async () => {
    const tape = await tapeOf([0, 5]);
    await cut(tape, 3);
    const writes = tape.history.length;
    await cut(tape, 3);
    expect(tape.history).toHaveLength(writes);
    expect(await fragmentsOn(tape)).toEqual([0, 1, 2]);
  });

  it('holds both where it dies between the copy and the original, and then the copy alone', async () => {
    const tape = await tapeOf([0, 5]);
    await expect(cut(tape, 3, () => Promise.reject(new Error('killed')))).rejects.toThrow('killed');
    expect(await objectsOn(tape)).toEqual([
      [0, 2],
      [0, 5],
    ]);
    await cut(tape, 3);
    expect(await fragmentsOn(tape)).toEqual([0, 1, 2]);
  });

  it('keeps an object whole that can’t be read', async () => {
    const tape = await tapeOf([0, 5]);
    const [key = ''] = tape.keys;
    const unreadable = {
      append: tape.append.bind(tape),
      list: tape.list.bind(tape),
      read: () => Promise.reject(new TapeObjectMissing(key)),
    };
    const cutting = cutTape(unreadable, RECORDING, FIRST + 3n, (one) => tape.remove(one));
    await expect(cutting).rejects.toThrow(TapeObjectMissing);
    expect(tape.keys).toEqual([key]);
  });

  it('loses what begins there whether it can be read or not', async () => {
    const tape = await tapeOf([3, 4], [5, 6]);
    const unreadable = {
      append: tape.append.bind(tape),
      list: tape.list.bind(tape),
      read: (key: string) => Promise.reject(new TapeObjectMissing(key)),
    };
    await cutTape(unreadable, RECORDING, FIRST + 3n, (key) => tape.remove(key));
    expect(tape.keys).toEqual([]);
  });

  it('loses an object of which nothing can be made out before the number', async () => {
    const tape = new MemoryTape();
    await tape.append(RECORDING, { first: FIRST, last: FIRST + 5n, bytes: new Uint8Array(100) });
    await cut(tape, 3);
    expect(tape.keys).toEqual([]);
    expect(tape.history).toHaveLength(1);
  });
});

it('reaches to a number with what ends there or later', async () => {
  const tape = await tapeOf([0, 2], [3, 5], [4, 8]);
  const reaching = await reachingTo(tape, RECORDING, FIRST + 5n);
  expect(reaching.map(({ first }) => Number(first - FIRST))).toEqual([3, 4]);
});
