import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FileUpload, PART_BYTES } from '../../../functions/assemble/file-upload.ts';
import type { Replace } from '../../../functions/assemble/replace.ts';
import { MemoryRecordings } from '../../../ports/recordings/memory-recordings.ts';
import { ObjectReplaced, type Recordings } from '../../../ports/recordings/recordings.ts';
import { wavHeader } from '../../../recording/audio/format/wav/header.ts';
import { WAV } from '../../../recording/audio/format/wav/wav.ts';
import { gate } from '../../support/gate.ts';
import { settled } from '../../support/manual-clock.ts';
import { seeded } from '../../support/random.ts';

const MIB = 1024 * 1024;
const AUDIO = { sampleRate: 8_000 };
/** Nothing stands there. */
const REPLACE: Replace = (_key, write) => write(undefined);

async function write(recordings: Recordings, samples: Buffer, chunkBytes: number) {
  const upload = new FileUpload(recordings, 'call.wav', WAV, AUDIO);
  for (let at = 0; at < samples.length; at += chunkBytes) {
    const chunk = Buffer.from(samples.subarray(at, at + chunkBytes));
    await upload.write(chunk);
    // What it was given is valid only until then.
    chunk.fill(0xee);
  }
  await upload.end(samples.length / 4);
  return { upload, finish: () => upload.finish(REPLACE) };
}

/** Recordings in memory whose parts are stored as the test says. @param begun before an upload is there */
function withParts(
  memory: MemoryRecordings,
  part: (number: number, store: () => Promise<void>, bytes: Uint8Array) => Promise<void>,
  begun: Promise<void> = Promise.resolve(),
): Recordings {
  return {
    bucket: 'watched',
    standing: (key) => memory.standing(key),
    read: (key, bytesMax) => memory.read(key, bytesMax),
    put: (...args) => memory.put(...args),
    remove: (key) => memory.remove(key),
    begin: async (key) => {
      await begun;
      const upload = await memory.begin(key);
      return { ...upload, part: (number, bytes) => part(number, () => upload.part(number, bytes), bytes) };
    },
  };
}

describe('FileUpload', () => {
  it.each([0, 4, 1_000, PART_BYTES - 4, PART_BYTES, PART_BYTES + 4, 2 * PART_BYTES, 3.5 * PART_BYTES])(
    'writes %d bytes of samples',
    async (bytes) => {
      const recordings = new MemoryRecordings();
      const parts: number[] = [];
      const watched = withParts(recordings, (_number, store, part) => {
        parts.push(part.length);
        return store();
      });
      const samples = Buffer.alloc(bytes, seeded(bytes).bytes(65_521));
      const { finish } = await write(watched, samples, 1_000_003);
      const written = await finish();
      expect(parts).not.toContain(0);
      const file = recordings.get('call.wav');
      const expected = Buffer.concat([wavHeader(8_000, bytes / 4), samples]);
      expect(Buffer.compare(file ?? Buffer.alloc(0), expected)).toBe(0);
      expect(written).toEqual({
        bytes: expected.length,
        headerBytes: 44,
        sha256: createHash('sha256').update(samples).digest('hex'),
      });
      expect(recordings.openUploads).toBe(0);
    },
  );

  it('uses the memory of a part again, and only once the part is stored', async () => {
    const memory = new MemoryRecordings();
    const buffers = new Set<ArrayBufferLike>();
    const slow = withParts(memory, async (_number, store, bytes) => {
      buffers.add(bytes.buffer);
      await settled();
      await store();
    });
    const samples = Buffer.alloc(100 * MIB, seeded(7).bytes(65_521));
    const { finish } = await write(slow, samples, MIB);
    await finish();
    const file = memory.get('call.wav')?.subarray(44) ?? Buffer.alloc(0);
    expect(Buffer.compare(file, samples)).toBe(0);
    expect(buffers.size).toBe(5);
  });

  it('waits while three parts are on their way', async () => {
    const memory = new MemoryRecordings();
    const held = gate();
    let onTheirWay = 0;
    const slow = withParts(memory, async (_number, store) => {
      onTheirWay += 1;
      await held.passed;
      await store();
    });
    const upload = new FileUpload(slow, 'call.wav', WAV, AUDIO);
    const samples = Buffer.alloc(PART_BYTES);
    const written = (async () => {
      for (let part = 1; part <= 6; part += 1) await upload.write(samples);
    })();
    for (let turn = 0; turn < 10; turn += 1) await settled();
    expect(onTheirWay).toBe(3);
    held.open();
    await written;
    await upload.abort();
    expect(onTheirWay).toBe(5);
  });

  it('has nothing there until it is finished, and leaves nothing when it is dropped', async () => {
    const recordings = new MemoryRecordings();
    const { upload } = await write(recordings, Buffer.alloc(20 * MIB), MIB);
    expect(recordings.keys).toEqual([]);
    await upload.abort();
    expect(recordings.keys).toEqual([]);
    expect(recordings.openUploads).toBe(0);
  });

  it('puts a call of five minutes at once', async () => {
    const recordings = new MemoryRecordings();
    const begun: number[] = [];
    const watched = withParts(recordings, (number, store) => {
      begun.push(number);
      return store();
    });
    const { finish } = await write(watched, Buffer.alloc(300 * 8_000 * 4), MIB);
    await finish();
    expect(begun).toEqual([]);
    expect(recordings.keys).toEqual(['call.wav']);
  });

  it.each([1_000, 20 * MIB])('leaves the file that it may not replace (%d bytes)', async (bytes) => {
    const recordings = new MemoryRecordings();
    const { upload } = await write(recordings, Buffer.alloc(bytes), MIB);
    await recordings.put('call.wav', Buffer.from('a later one’s'), 'audio/wav', undefined);
    await expect(upload.finish(REPLACE)).rejects.toThrow(ObjectReplaced);
    await upload.abort();
    expect(Buffer.from(recordings.get('call.wav') ?? []).toString()).toBe('a later one’s');
    expect(recordings.openUploads).toBe(0);
  });

  it('sends what is left while its caller goes on', async () => {
    const memory = new MemoryRecordings();
    const sent = new Set<number>();
    const all = gate();
    const watched = withParts(memory, async (number, store) => {
      await store();
      if (sent.add(number).size === 4) all.open();
    });
    const { upload } = await write(watched, Buffer.alloc(3.5 * PART_BYTES), MIB);
    await all.passed;
    expect([...sent].toSorted()).toEqual([1, 2, 3, 4]);
    expect(memory.keys).toEqual([]);
    await upload.abort();
    expect(memory.openUploads).toBe(0);
  });

  it('passes on that the upload could not be begun', async () => {
    const recordings = new MemoryRecordings();
    const failing: Recordings = {
      bucket: 'failing',
      standing: (key) => recordings.standing(key),
      read: (key, bytesMax) => recordings.read(key, bytesMax),
      put: (...args) => recordings.put(...args),
      remove: (key) => recordings.remove(key),
      begin: () => Promise.reject(new Error('AccessDenied')),
    };
    const { upload, finish } = await write(failing, Buffer.alloc(1.5 * PART_BYTES), MIB);
    // Nobody looks yet.
    await settled();
    await expect(finish()).rejects.toThrow('AccessDenied');
    await upload.abort();
    const longer = new FileUpload(failing, 'call.wav', WAV, AUDIO);
    await longer.write(Buffer.alloc(PART_BYTES));
    // Nobody looks yet.
    await settled();
    await expect(longer.write(Buffer.alloc(PART_BYTES))).rejects.toThrow('AccessDenied');
    expect(recordings.keys).toEqual([]);
  });

  it.each([1, 2, 3, 4])('passes on that part %d could not be stored, and leaves no file', async (failing) => {
    const memory = new MemoryRecordings();
    const recordings = withParts(memory, (number, store) =>
      number === failing ? Promise.reject(new Error('SlowDown')) : store(),
    );
    const upload = new FileUpload(recordings, 'call.wav', WAV, AUDIO);
    const uploaded = (async () => {
      for (let half = 0; half < 7; half += 1) await upload.write(Buffer.alloc(PART_BYTES / 2));
      await upload.end((3.5 * PART_BYTES) / 4);
      // Nobody looks yet.
      await settled();
      await upload.finish(REPLACE);
    })();
    await expect(uploaded).rejects.toThrow('SlowDown');
    await upload.abort();
    expect(memory.keys).toEqual([]);
    expect(memory.openUploads).toBe(0);
  });

  it.each([
    ['parts that are slow', (passed: Promise<void>) => [passed, undefined] as const],
    ['an upload that is begun late', (passed: Promise<void>) => [undefined, passed] as const],
  ])('waits for %s before it asks whether it may replace', async (_, held) => {
    const memory = new MemoryRecordings();
    const late = gate();
    const [part, begun] = held(late.passed);
    const stored: number[] = [];
    const slow = withParts(
      memory,
      async (number, store) => {
        await part;
        await store();
        stored.push(number);
      },
      begun,
    );
    const samples = Buffer.alloc(1.5 * PART_BYTES, seeded(3).bytes(65_521));
    const { upload } = await write(slow, samples, MIB);
    let storedBefore = 0;
    const finished = upload.finish((_key, writeOver) => {
      storedBefore = stored.length;
      return writeOver(undefined);
    });
    await settled();
    late.open();
    await finished;
    expect(storedBefore).toBe(2);
    const file = memory.get('call.wav')?.subarray(44) ?? Buffer.alloc(0);
    expect(Buffer.compare(file, samples)).toBe(0);
  });

  it('drops an upload that is begun late', async () => {
    const memory = new MemoryRecordings();
    const late = gate();
    let live = 0;
    const recordings = withParts(
      memory,
      async (_number, store) => {
        live += 1;
        await settled();
        await store();
        live -= 1;
      },
      late.passed,
    );
    const { upload } = await write(recordings, Buffer.alloc(1.5 * PART_BYTES), MIB);
    const aborted = upload.abort();
    late.open();
    await aborted;
    expect({ live, open: memory.openUploads }).toEqual({ live: 0, open: 0 });
  });

  it('drops an upload only when no part is under way any more', async () => {
    const memory = new MemoryRecordings();
    const held = gate();
    let live = 0;
    const recordings = withParts(memory, async (_number, store) => {
      live += 1;
      await held.passed;
      await store();
      live -= 1;
    });
    const { upload } = await write(recordings, Buffer.alloc(1.5 * PART_BYTES), MIB);
    await settled();
    expect(live).toBe(2);
    const aborted = upload.abort();
    await settled();
    expect(memory.openUploads).toBe(1);
    held.open();
    await aborted;
    expect({ live, open: memory.openUploads }).toEqual({ live: 0, open: 0 });
  });

  it.each([8, 1.5 * PART_BYTES])(
    'has room for the header of a file beyond 4 GiB (%d bytes of it)',
    async (bytes) => {
      const recordings = new MemoryRecordings();
      const samples = Buffer.alloc(bytes, seeded(bytes).bytes(65_521));
      const upload = new FileUpload(recordings, 'call.wav', WAV, AUDIO);
      await upload.write(samples);
      await upload.end(2 ** 30);
      const written = await upload.finish(REPLACE);
      const header = wavHeader(8_000, 2 ** 30);
      expect(Buffer.from(header.subarray(0, 4)).toString()).toBe('RF64');
      const expected = Buffer.concat([header, samples]);
      expect(Buffer.compare(recordings.get('call.wav') ?? Buffer.alloc(0), expected)).toBe(0);
      expect(written.bytes).toBe(expected.length);
    },
  );

  it('finishes nothing that has not come to its end', async () => {
    const upload = new FileUpload(new MemoryRecordings(), 'call.wav', WAV, AUDIO);
    await upload.write(Buffer.alloc(8));
    await expect(upload.finish(REPLACE)).rejects.toThrow('not come to its end');
  });
});
