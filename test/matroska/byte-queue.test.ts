import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteQueue } from '../../matroska/byte-queue.ts';
import { runs } from '../support/runs.ts';

/** Consecutive bytes that tell where they stand. */
function body(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

function bytesAt(queue: ByteQueue, length: number): Uint8Array {
  return queue.bytes.slice(queue.at, queue.at + length);
}

const act = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('push' as const, 'take' as const, 'peek' as const) },
    { weight: 1, arbitrary: fc.constantFrom('forget' as const, 'skipAll' as const) },
  ),
  length: fc.nat(600),
});

describe('any order of pushing and taking', () => {
  it('gives the bytes that were pushed, in one piece each, and keeps them as they were', () => {
    const all = body(200_000);
    fc.assert(
      fc.property(fc.array(act, { maxLength: 300 }), fc.constantFrom(0, 50, 4096), (acts, gatheredBelow) => {
        const queue = new ByteQueue(gatheredBelow);
        const held: { view: Uint8Array; at: number }[] = [];
        let [pushed, at, forgotten] = [0, 0, 0];
        for (const each of acts) {
          if (each.kind === 'push') {
            queue.push(all.slice(pushed, pushed + each.length));
            pushed += each.length;
          } else if (each.kind === 'forget') {
            queue.forget(at);
            forgotten = at;
          } else if (each.kind === 'skipAll') {
            queue.skipAll();
            at = forgotten = pushed;
          } else {
            const has = queue.reach(each.length);
            assert.equal(has, at + each.length <= pushed);
            if (!has) continue;
            const view = queue.bytes.subarray(queue.at, queue.at + each.length);
            assert.equal(queue.offsetOf(queue.at), at);
            held.push({ view, at });
            if (each.kind === 'take') {
              queue.at += each.length;
              at += each.length;
            }
          }
          assert.deepEqual([queue.received, queue.offset, queue.available], [pushed, at, pushed - at]);
          assert.ok(Buffer.concat(queue.slice(forgotten, at)).equals(all.subarray(forgotten, at)));
        }
        for (const { view, at: from } of held)
          assert.ok(Buffer.from(view).equals(all.subarray(from, from + view.length)), `bytes at ${from}`);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('chunks', () => {
  it('that are small are copied, and may be written to afterwards', () => {
    const queue = new ByteQueue(4);
    const chunk = Uint8Array.of(1, 2, 3);
    queue.push(chunk);
    chunk.fill(9);
    expect(queue.reach(3) && bytesAt(queue, 3)).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('that are not are views, until one piece lies across them', () => {
    const [first, second] = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7, 8)];
    const queue = new ByteQueue(4);
    queue.push(first);
    queue.push(second);
    expect(queue.reach(4) && queue.bytes.buffer === first.buffer).toBe(true);
    queue.at += 3;
    expect(queue.reach(2) && bytesAt(queue, 2)).toEqual(Uint8Array.of(4, 5));
    expect([first.buffer, second.buffer]).not.toContain(queue.bytes.buffer);
    queue.at += 2;
    expect(queue.reach(3) && queue.bytes.buffer === second.buffer).toBe(true);
  });

  it('that are small stay in one piece behind a joint', () => {
    const queue = new ByteQueue();
    const all = body(200_000);
    const buffers = new Set<unknown>();
    for (let at = 0; at < all.length; at += 1_000) {
      queue.push(all.slice(at, at + 1_000));
      while (queue.reach(1_027)) {
        buffers.add(queue.bytes.buffer);
        queue.at += 1_027;
        queue.forget(queue.offset);
      }
    }
    // Four slabs of 64 KiB, and one for what lies across them.
    expect(buffers.size).toBe(5);
  });

  it('that are small are not taken for a part of a large one that went before', () => {
    const queue = new ByteQueue(4);
    for (const chunk of [[1, 2, 3], [4, 5, 6], [7, 8, 9, 10, 11, 12], [13]])
      queue.push(Uint8Array.from(chunk));
    expect(Buffer.concat(queue.slice(0, 13))).toEqual(
      Buffer.from(Array.from({ length: 13 }, (_, index) => index + 1)),
    );
  });

  it('that are empty leave nothing', () => {
    for (const gatheredBelowBytes of [0, 4]) {
      const queue = new ByteQueue(gatheredBelowBytes);
      for (const length of [0, 4, 0, 4]) queue.push(body(length));
      expect(queue.slice(0, 8).map(({ length }) => length)).toEqual([4, 4]);
    }
  });
});

describe('in chunks of four bytes', () => {
  function queueOf(length: number): ByteQueue {
    const queue = new ByteQueue(4);
    const all = Uint8Array.from({ length }, (_, index) => index);
    for (let at = 0; at < length; at += 4) queue.push(all.slice(at, at + 4));
    return queue;
  }
  const slices = (queue: ByteQueue, from: number, to: number) => queue.slice(from, to).map((one) => [...one]);

  it.each([
    { from: 0, to: 4, pieces: [[0, 1, 2, 3]] },
    { from: 4, to: 8, pieces: [[4, 5, 6, 7]] },
    { from: 3, to: 9, pieces: [[3], [4, 5, 6, 7], [8]] },
    { from: 5, to: 7, pieces: [[5, 6]] },
  ])('what is from $from to $to', ({ from, to, pieces }) => {
    expect(slices(queueOf(12), from, to)).toEqual(pieces);
  });

  it.each([
    {
      before: 0,
      pieces: [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
      ],
    },
    {
      before: 3,
      pieces: [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
      ],
    },
    { before: 4, pieces: [[4, 5, 6, 7]] },
    { before: 8, pieces: [] },
  ])('what is before $before is given up, with the chunks that end there', ({ before, pieces }) => {
    const queue = queueOf(8);
    queue.reach(8);
    queue.at = 8;
    queue.forget(before);
    expect(slices(queue, 0, 8)).toEqual(pieces);
  });

  it('is put together once, whatever has come behind it', () => {
    const queue = queueOf(16);
    expect(queue.reach(6) && [...bytesAt(queue, 6)]).toEqual([0, 1, 2, 3, 4, 5]);
    const { bytes } = queue;
    expect(queue.reach(6) && queue.bytes === bytes).toBe(true);
    expect(queue.reach(5) && queue.bytes === bytes).toBe(true);
  });
});

describe('what is put together', () => {
  it.each([
    { length: 16 * 1024, buffers: 1 },
    { length: 16 * 1024 + 1, buffers: 4 },
    { length: 70_000, buffers: 4 },
  ])('four times $length bytes, is in $buffers pieces of memory', ({ length, buffers }) => {
    const queue = new ByteQueue();
    const all = body(4 * length);
    for (let at = 0; at < all.length; at += 5_000) queue.push(all.slice(at, at + 5_000));
    const views = Array.from({ length: 4 }, () => {
      queue.reach(length);
      const view = queue.bytes.subarray(queue.at, queue.at + length);
      queue.at += length;
      return view;
    });
    expect(Buffer.concat(views).equals(all)).toBe(true);
    expect(new Set(views.map(({ buffer }) => buffer)).size).toBe(buffers);
    if (buffers > 1) expect(views.map(({ buffer }) => buffer.byteLength)).toEqual(Array(4).fill(length));
  });

  it('is 64 KiB long, and full, where small chunks are gathered', () => {
    const queue = new ByteQueue();
    for (let count = 0; count < 65; count += 1) queue.push(new Uint8Array(1024));
    expect(queue.slice(0, 65 * 1024).map(({ length }) => length)).toEqual([64 * 1024, 1024]);
  });
});

describe('seeking', () => {
  const WANTED = Uint8Array.of(1, 2, 3, 4);
  const NONE = new Uint8Array(10);

  it.each([
    { what: 'where it stands', bytes: [...WANTED, 0, 0], from: 0, at: 0, found: true },
    { what: 'further on', bytes: [0, 1, 2, 0, ...WANTED], from: 0, at: 4, found: true },
    { what: 'the first of two', bytes: [0, ...WANTED, ...WANTED], from: 0, at: 1, found: true },
    { what: 'behind an offset', bytes: [0, ...WANTED, ...WANTED], from: 2, at: 5, found: true },
    { what: 'at an offset', bytes: [0, ...WANTED, ...WANTED], from: 1, at: 1, found: true },
    { what: 'what isn’t there', bytes: [...NONE], from: 0, at: 7, found: false },
    { what: 'what isn’t there, late', bytes: [...NONE], from: 9, at: 9, found: false },
    { what: 'behind all that has come', bytes: [...NONE], from: 12, at: 10, found: false },
    { what: 'what has come in part', bytes: [...NONE, 1, 2, 3], from: 0, at: 10, found: false },
  ])('$what', ({ bytes, from, at, found }) => {
    const queue = new ByteQueue();
    queue.push(Uint8Array.from(bytes));
    expect(queue.seek(from, WANTED)).toBe(found);
    expect(queue.offset).toBe(at);
  });

  it('begins at the position, wherever the offset is, and finds what comes in pieces', () => {
    const queue = new ByteQueue(4);
    queue.push(Uint8Array.of(...WANTED, 0, 0, 1, 2));
    queue.reach(5);
    queue.at += 5;
    expect(queue.seek(0, WANTED)).toBe(false);
    expect(queue.offset).toBe(5);
    queue.push(Uint8Array.of(3, 4, 9, 9));
    expect(queue.seek(0, WANTED)).toBe(true);
    expect(queue.offset).toBe(6);
    expect(queue.reach(6) && [...bytesAt(queue, 6)]).toEqual([1, 2, 3, 4, 9, 9]);
  });

  it('gives up what it has passed over', () => {
    const queue = new ByteQueue(4);
    queue.push(new Uint8Array(8));
    queue.push(Uint8Array.of(0, ...WANTED));
    queue.seek(0, WANTED);
    expect(queue.slice(0, 13).map(({ length }) => length)).toEqual([5]);
  });
});
