/** A tape is read ahead, in bounds. */
import { describe, expect, it } from 'vitest';
import { MemoryTape } from '../../../ports/tape/memory-tape.ts';
import { type ReadableTape, readTape } from '../../../ports/tape/read-tape.ts';
import { type Tape, TapeObjectUnreadable } from '../../../ports/tape/tape.ts';
import { RECORDING } from '../../support/call.ts';
import { collect } from '../../support/collect.ts';
import { gate } from '../../support/gate.ts';
import { settled } from '../../support/manual-clock.ts';

const MIB = 1024 * 1024;

async function tapeOf(objects: number, bytes = 10): Promise<MemoryTape> {
  const tape = new MemoryTape();
  for (let index = 0n; index < objects; index += 1n)
    await tape.append(RECORDING, {
      first: index,
      last: index,
      bytes: new Uint8Array(bytes).fill(Number(index)),
    });
  return tape;
}

/** Reads through `read`, and tells of all that was read, and how many objects were on their way at most. */
function watched(tape: MemoryTape, read: (key: string) => Promise<readonly Uint8Array[]>) {
  let reading = 0;
  const seen = { most: 0, reads: [] as Promise<unknown>[] };
  const through: Tape = {
    append: (recording, segment) => tape.append(recording, segment),
    list: (recording, from) => tape.list(recording, from),
    remove: (key) => tape.remove(key),
    read: (key) => {
      reading += 1;
      seen.most = Math.max(seen.most, reading);
      // It takes a turn of the event loop, as reading does.
      const result = new Promise(setImmediate).then(() => read(key)).finally(() => (reading -= 1));
      seen.reads.push(result);
      return result;
    },
  };
  return { through, seen };
}

describe('a tape that is read ahead', () => {
  it('comes in order, some objects at a time', async () => {
    const tape = await tapeOf(40);
    const { through, seen } = watched(tape, (key) => tape.read(key));
    const objects = await collect(readTape(through, RECORDING));
    expect(objects.map(({ first }) => Number(first))).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    );
    for (const { first, content } of objects) {
      const bytes = 'pieces' in content ? Buffer.concat(content.pieces) : Buffer.alloc(0);
      expect(bytes).toEqual(Buffer.alloc(10, Number(first)));
    }
    expect(seen.most).toBeGreaterThan(4);
    expect(seen.most).toBeLessThanOrEqual(8);
  });

  it('is bounded by bytes where objects are large', async () => {
    const tape = await tapeOf(6, 20 * MIB);
    const { through, seen } = watched(tape, (key) => tape.read(key));
    expect(await collect(readTape(through, RECORDING))).toHaveLength(6);
    expect(seen.most).toBe(2);
  });

  it('hands over an object that can’t be read as such, and fails where S3 is away only when its turn comes', async () => {
    const tape = await tapeOf(3);
    const [, second = '', third = ''] = (await collect(tape.list(RECORDING))).map(({ key }) => key);
    const { through, seen } = watched(tape, (key) => {
      if (key === second) return Promise.reject(new TapeObjectUnreadable(key, 'AccessDenied'));
      return key === third ? Promise.reject(new Error('away')) : tape.read(key);
    });
    const reading = readTape(through, RECORDING);
    expect((await reading.next()).value).toHaveProperty('content.pieces');
    await Promise.allSettled(seen.reads);
    // Node tells of a rejection that nobody has handled when the turn is over.
    await settled();
    expect((await reading.next()).value).toHaveProperty(
      'content.unreadable',
      expect.stringContaining('AccessDenied'),
    );
    await expect(reading.next()).rejects.toThrow('away');
  });

  it('is nothing where nothing was stored', async () => {
    expect(await collect(readTape(new MemoryTape(), RECORDING))).toEqual([]);
  });

  /** A tape of objects that say that they are so large, each read when its gate is opened. */
  function gated(...sizes: readonly number[]) {
    const gates = sizes.map(() => gate());
    const state = { begun: 0, isListing: false };
    const tape: ReadableTape = {
      list: async function* () {
        state.isListing = true;
        try {
          for (const [index, bytes] of sizes.entries()) {
            const number = BigInt(index);
            yield await Promise.resolve({
              first: number,
              last: number,
              uuid: '0',
              key: String(index),
              bytes,
            });
          }
        } finally {
          state.isListing = false;
        }
      },
      read: async (key) => {
        state.begun += 1;
        await gates[Number(key)]?.passed;
        return [];
      },
    };
    return { tape, gates, state };
  }

  it.each([
    ['as much as there is room for', [24 * MIB, 24 * MIB, 1], 2],
    ['one that is larger than that, alone', [49 * MIB, 1, 1], 1],
    ['eight at most', Array<number>(10).fill(1), 8],
  ])('has on its way %s', async (_, sizes, begun) => {
    const { tape, gates, state } = gated(...sizes);
    const reading = collect(readTape(tape, RECORDING));
    await settled();
    expect(state.begun).toBe(begun);
    for (const one of gates) one.open();
    expect(await reading).toHaveLength(sizes.length);
  });

  it('goes on with the next one as soon as there is room, though another is still on its way', async () => {
    const { tape, gates, state } = gated(20 * MIB, 20 * MIB, 20 * MIB);
    const reading = readTape(tape, RECORDING);
    gates[0]?.open();
    await reading.next();
    const second = reading.next();
    await settled();
    expect(state.begun).toBe(3);
    for (const one of gates) one.open();
    expect((await second).value).toMatchObject({ first: 1n });
  });

  it('lists no further when whoever reads has had enough', async () => {
    const { tape, gates, state } = gated(...Array<number>(20).fill(1));
    for (const one of gates) one.open();
    for await (const { first } of readTape(tape, RECORDING)) {
      expect([first, state.isListing]).toEqual([0n, true]);
      break;
    }
    expect(state.isListing).toBe(false);
  });
});
