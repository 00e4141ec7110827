/** What the reader costs: bytes copied, and bytes kept. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { documentOf } from '../../matroska/fragment.ts';
import { FragmentReader } from '../../matroska/reader.ts';
import { childrenOf, ELEMENT, type Element, encode, leaf } from '../support/matroska.ts';
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
  return documentWith([simpleBlock(1, 9, body)]);
}

function documentWith(blocks: readonly Element[]): Element[] {
  const cluster = sampleCluster(EPOCH_MS, known(8));
  return sampleDocument({ clusters: [{ ...cluster, body: [...childrenOf(cluster), ...blocks] }] });
}

/** Each chunk is memory of its own, as those of a connection are. */
function readInChunks(reader: FragmentReader, body: Uint8Array, chunkBytes = CHUNK_BYTES) {
  const counts = { fragments: 0, pushes: 0 };
  for (let at = 0; at < body.length; at += chunkBytes) {
    reader.push(body.slice(at, at + chunkBytes));
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
      expect(large).toBeLessThan(1.1 * 32 * MIB);
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
  /** Fragments and blocks are about as large as Connect's. */
  const blocks = Array.from({ length: 30 }, () => simpleBlock(1, 9, new Uint8Array(1_024)));
  const body = encode(...Array.from({ length: 40 }, () => documentWith(blocks)).flat());
  const LONG_BYTES = 16 * MIB;

  /** Several turns: the engine frees buffers some time after it has found that nothing holds them. */
  async function heldBytes(): Promise<number> {
    for (let turn = 0; turn < 3; turn += 1) {
      await setImmediate();
      collectGarbage();
    }
    return process.memoryUsage().arrayBuffers;
  }

  /** Bytes that the reader copies, as a share of those that it takes. */
  function copiedShare(chunkBytes: number): number {
    const set = vi.spyOn(Uint8Array.prototype, 'set');
    const reader = new FragmentReader();
    while (reader.offset < 4 * MIB) readInChunks(reader, body, chunkBytes);
    const copied = set.mock.calls.reduce((sum, [from]) => sum + from.length, 0);
    set.mockRestore();
    return copied / reader.offset;
  }

  it('is copied only where an element lies across two chunks', () => {
    expect(copiedShare(CHUNK_BYTES)).toBeGreaterThan(0);
    expect(copiedShare(CHUNK_BYTES)).toBeLessThan(0.15);
  });

  it('is copied once in small chunks, and hardly more', () => {
    expect(copiedShare(1_000)).toBeGreaterThanOrEqual(1);
    expect(copiedShare(1_000)).toBeLessThan(1.2);
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

  it.each([CHUNK_BYTES, 1_000])(
    'a fragment that is kept keeps what it came in alive, and no more: chunks of %i bytes',
    async (chunkBytes) => {
      const reader = new FragmentReader();
      const before = await heldBytes();
      reader.push(body.slice(0, chunkBytes));
      let kept = reader.next();
      for (let at = chunkBytes; !kept; at += chunkBytes) {
        reader.push(body.slice(at, at + chunkBytes));
        kept = reader.next();
      }
      const rest = body.subarray(reader.offset);
      readInChunks(reader, rest, chunkBytes);
      for (let pushed = 0; pushed < LONG_BYTES; pushed += body.length) readInChunks(reader, body, chunkBytes);
      expect((await heldBytes()) - before).toBeLessThan(MIB);
      const document = documentOf(kept);
      expect(Buffer.from(document).equals(body.subarray(0, document.length))).toBe(true);
    },
  );
});
