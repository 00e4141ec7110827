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
    expect(queue.reach(4) && queue.bytes.buffer).toBe(first.buffer);
    queue.at += 3;
    expect(queue.reach(2) && bytesAt(queue, 2)).toEqual(Uint8Array.of(4, 5));
    expect([first.buffer, second.buffer]).not.toContain(queue.bytes.buffer);
    queue.at += 2;
    expect(queue.reach(3) && queue.bytes.buffer).toBe(second.buffer);
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
});
