import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PART_BYTES, WavUpload } from '../../../functions/assembly/wav-upload.ts';
import type { Replace } from '../../../functions/assembly/replace.ts';
import { MemoryRecordings } from '../../../ports/memory-recordings.ts';
import { ObjectReplaced, type Recordings } from '../../../ports/recordings.ts';
import { wavHeader } from '../../../recording/wav.ts';
import { settled } from '../../support/manual-clock.ts';
import { seeded } from '../../support/random.ts';

const MIB = 1024 * 1024;
/** Nothing stands there. */
const REPLACE: Replace = (_key, write) => write(undefined);

async function write(recordings: Recordings, samples: Buffer, chunkBytes: number) {
  const upload = new WavUpload(recordings, 'call.wav');
  for (let at = 0; at < samples.length; at += chunkBytes) {
    const chunk = Buffer.from(samples.subarray(at, at + chunkBytes));
    await upload.write(chunk);
    // What it was given is valid only until then.
    chunk.fill(0xee);
  }
  upload.end(8_000, samples.length / 4);
  return { upload, finish: () => upload.finish(REPLACE) };
}

describe('WavUpload', () => {
  it.each([0, 4, 1_000, PART_BYTES - 4, PART_BYTES, PART_BYTES + 4, 2 * PART_BYTES, 3.5 * PART_BYTES])(
    'writes %d bytes of samples',
    async (bytes) => {
      const recordings = new MemoryRecordings();
      const samples = Buffer.alloc(bytes, seeded(bytes).bytes(65_521));
      const { finish } = await write(recordings, samples, 1_000_003);
      const written = await finish();
      const file = recordings.get('call.wav');
      const expected = Buffer.concat([wavHeader(8_000, bytes / 4), samples]);
      expect(Buffer.compare(file ?? Buffer.alloc(0), expected)).toBe(0);
      expect(written).toEqual({
        bytes: expected.length,
        sha256: createHash('sha256').update(samples).digest('hex'),
      });
      expect(recordings.openUploads).toBe(0);
    },
  );

  it('uses the memory of a part again, and only once the part is stored', async () => {
    const memory = new MemoryRecordings();
    const buffers = new Set<ArrayBufferLike>();
    const slow: Recordings = {
      bucket: 'slow',
      standing: (key) => memory.standing(key),
      put: (...args) => memory.put(...args),
      begin: async (key) => {
        const upload = await memory.begin(key);
        return {
          ...upload,
          part: async (number, bytes) => {
            buffers.add(bytes.buffer);
            await settled();
            await upload.part(number, bytes);
          },
        };
      },
    };
    const samples = Buffer.alloc(100 * MIB, seeded(7).bytes(65_521));
    const { finish } = await write(slow, samples, MIB);
    await finish();
    const file = memory.get('call.wav')?.subarray(44) ?? Buffer.alloc(0);
    expect(Buffer.compare(file, samples)).toBe(0);
    expect(buffers.size).toBeLessThanOrEqual(6);
  });

  it('has nothing there until it is finished, and leaves nothing when it is dropped', async () => {
    const recordings = new MemoryRecordings();
    const { upload } = await write(recordings, Buffer.alloc(20 * MIB), MIB);
    expect(recordings.keys).toEqual([]);
    await upload.abort();
    expect(recordings.keys).toEqual([]);
    expect(recordings.openUploads).toBe(0);
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
    let all: () => void = () => undefined;
    const sentAll = new Promise<void>((resolve) => {
      all = resolve;
    });
    const watched: Recordings = {
      bucket: 'watched',
      standing: (key) => memory.standing(key),
      put: (...args) => memory.put(...args),
      begin: async (key) => {
        const upload = await memory.begin(key);
        return {
          ...upload,
          part: async (number, bytes) => {
            await upload.part(number, bytes);
            if (sent.add(number).size === 4) all();
          },
        };
      },
    };
    const { upload } = await write(watched, Buffer.alloc(3.5 * PART_BYTES), MIB);
    await sentAll;
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
      put: (...args) => recordings.put(...args),
      begin: () => Promise.reject(new Error('AccessDenied')),
    };
    const { upload, finish } = await write(failing, Buffer.alloc(1.5 * PART_BYTES), MIB);
    await expect(finish()).rejects.toThrow('AccessDenied');
    await upload.abort();
    const longer = write(failing, Buffer.alloc(2.5 * PART_BYTES), MIB);
    await expect(longer).rejects.toThrow('AccessDenied');
    expect(recordings.keys).toEqual([]);
  });

  it('passes on that a part could not be stored, and leaves no file', async () => {
    const recordings = new MemoryRecordings();
    const failing: Recordings = {
      bucket: 'failing',
      standing: (key) => recordings.standing(key),
      put: (...args) => recordings.put(...args),
      begin: async (key) => {
        const upload = await recordings.begin(key);
        return {
          ...upload,
          part: (number, bytes) =>
            number === 2 ? Promise.reject(new Error('SlowDown')) : upload.part(number, bytes),
        };
      },
    };
    const { upload, finish } = await write(failing, Buffer.alloc(2.5 * PART_BYTES), MIB);
    await expect(finish()).rejects.toThrow('SlowDown');
    await upload.abort();
    expect(recordings.keys).toEqual([]);
    expect(recordings.openUploads).toBe(0);
  });
});
