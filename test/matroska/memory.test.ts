/** What the reader costs: bytes copied, and bytes kept. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FragmentReader } from '../../matroska/reader.ts';
import { type Element, ELEMENT, encode, leaf } from '../support/matroska.ts';
import { EPOCH_MS, known, sampleCluster, sampleDocument, simpleBlock } from './sample.ts';

const MIB = 2 ** 20;
const CHUNK_BYTES = 16 * 1024;
/** Only with a collection on demand is memory what is held, not what happens not to be collected yet. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

afterEach(() => vi.restoreAllMocks());

/** A fragment whose one large element has `bytes`. */
function largeDocument(kind: 'SimpleBlock' | 'Void', bytes: number): Element[] {
  const body = new Uint8Array(bytes);
  const cluster = sampleCluster(EPOCH_MS, known(8));
  if (kind === 'Void') return sampleDocument({ clusters: [leaf(ELEMENT.Void, body), cluster] });
  return sampleDocument({
    clusters: [{ ...cluster, body: [...childrenOf(cluster), simpleBlock(1, 9, body)] }],
  });
}

function childrenOf({ body }: Element): readonly Element[] {
  return body instanceof Uint8Array ? [] : body;
}

function readInChunks(reader: FragmentReader, body: Uint8Array): { fragments: number; pushes: number } {
  const counts = { fragments: 0, pushes: 0 };
  for (let at = 0; at < body.length; at += CHUNK_BYTES) {
    reader.push(body.subarray(at, at + CHUNK_BYTES));
    counts.pushes += 1;
    while (reader.next()) counts.fragments += 1;
  }
  return counts;
}

describe('a single large element', () => {
  /** Bytes that the reader copies for an element of this many. */
  function copiedFor(kind: 'SimpleBlock' | 'Void', bytes: number): number {
    const body = encode(...largeDocument(kind, bytes));
    const set = vi.spyOn(Uint8Array.prototype, 'set');
    expect(readInChunks(new FragmentReader(), body).fragments).toBe(1);
    const copied = set.mock.calls.reduce((sum, [from]) => sum + from.length, 0);
    set.mockRestore();
    return copied;
  }

  it.each(['SimpleBlock', 'Void'] as const)(
    'of 32 MiB costs as much per byte as one of 8 MiB: %s',
    (kind) => {
      const small = copiedFor(kind, 8 * MIB);
      const large = copiedFor(kind, 32 * MIB);
      expect(small).toBeGreaterThanOrEqual(8 * MIB);
      expect(large).toBeGreaterThanOrEqual(32 * MIB);
      expect(large).toBeLessThan(3 * 32 * MIB);
      expect(large / small).toBeLessThan(5);
    },
  );

  it('has its header read once a chunk (a clz32 each for id and size), not at what has come of it', () => {
    const body = encode(...largeDocument('SimpleBlock', 4 * MIB));
    const reads = vi.spyOn(Math, 'clz32');
    const { pushes } = readInChunks(new FragmentReader(), body);
    expect(reads.mock.calls.length).toBeGreaterThanOrEqual(pushes);
    expect(reads.mock.calls.length).toBeLessThan(4 * pushes + 500);
  });
});

describe('a long body', () => {
  const body = encode(
    ...Array.from({ length: 40 }, (_, index) => sampleDocument({ number: BigInt(index) })).flat(),
  );
  const LONG_BYTES = 16 * MIB;

  /** Several turns: the engine frees buffers some time after it has found that nothing holds them. */
  async function heldBytes(): Promise<number> {
    for (let turn = 0; turn < 3; turn += 1) {
      await setImmediate();
      collectGarbage();
    }
    return process.memoryUsage().arrayBuffers;
  }

  it('copies a byte once, and part of it once more with each new arena', () => {
    const set = vi.spyOn(Uint8Array.prototype, 'set');
    const reader = new FragmentReader();
    let pushed = 0;
    for (; pushed < 4 * MIB; pushed += body.length) readInChunks(reader, body);
    const copied = set.mock.calls.reduce((sum, [from]) => sum + from.length, 0);
    expect(copied).toBeGreaterThanOrEqual(pushed);
    expect(copied).toBeLessThan(1.2 * pushed);
  });

  it('leaves nothing behind, also after one large fragment', async () => {
    const reader = new FragmentReader();
    const large = encode(...largeDocument('SimpleBlock', 8 * MIB));
    const before = await heldBytes();
    readInChunks(reader, large);
    for (let pushed = 0; pushed < LONG_BYTES; pushed += body.length) readInChunks(reader, body);
    expect((await heldBytes()) - before).toBeLessThan(MIB);
    expect(reader.offset).toBeGreaterThan(LONG_BYTES);
  });

  it('a fragment that is kept keeps its own arena alive, and no other', async () => {
    const reader = new FragmentReader();
    const before = await heldBytes();
    reader.push(body);
    const kept = reader.next();
    for (let pushed = 0; pushed < LONG_BYTES; pushed += body.length) readInChunks(reader, body);
    expect((await heldBytes()) - before).toBeLessThan(MIB);
    expect(kept?.bytes).toEqual(body.subarray(0, kept?.bytes.length));
    expect(kept?.bytes.buffer.byteLength).toBeLessThan(MIB);
  });
});
