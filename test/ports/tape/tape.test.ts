import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eraseTape } from '../../../ports/tape/erase-tape.ts';
import { FolderTape } from '../../../ports/tape/folder-tape.ts';
import { MemoryTape } from '../../../ports/tape/memory-tape.ts';
import { S3Tape } from '../../../ports/tape/s3-tape.ts';
import { TapeObjectMissing } from '../../../ports/tape/tape.ts';
import { padFragmentNumber } from '../../../recording/fragment-number.ts';
import type { Recording } from '../../../recording/identity.ts';
import { tapePrefix } from '../../../recording/tape/keys.ts';
import { CONTACT_ID, START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { collect } from '../../support/collect.ts';
import { runs } from '../../support/runs.ts';
import { type S3ForTest, s3ForTest } from '../../support/standins.ts';

/** Smaller than S3's own, so that paging is tested on few objects. */
const S3_PAGE_SIZE = 5;

let s3: S3ForTest;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-tape-'));
  s3 = await s3ForTest();
  s3.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) =>
        next(
          commandName === 'ListObjectsV2Command'
            ? { ...args, input: { ...args.input, MaxKeys: S3_PAGE_SIZE } }
            : args,
        ),
    { step: 'initialize' },
  );
});
afterAll(async () => {
  await rm(dir, { recursive: true });
  await s3.close();
});

/** Each test has a recording of its own, since the bucket is shared. */
let recordings = 0n;
function newRecording(): Recording {
  return { contactId: CONTACT_ID, startFragmentNumber: START_FRAGMENT_NUMBER + (recordings++ << 64n) };
}

function segment(first: bigint, last = first, bytes = Uint8Array.of(1, 2, 3)) {
  return { first, last, bytes };
}

const ADAPTERS = [
  {
    name: 'S3Tape',
    pageSize: S3_PAGE_SIZE,
    make: () => ({
      tape: new S3Tape(s3.client, s3.bucket),
      putByStranger: async (key: string) => {
        await s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: 'x' }));
      },
    }),
  },
  {
    name: 'MemoryTape',
    pageSize: 1_000,
    make: () => {
      const tape = new MemoryTape();
      return {
        tape,
        putByStranger: (key: string) => {
          tape.tamper(key, Uint8Array.of(0));
          return Promise.resolve();
        },
      };
    },
  },
  {
    name: 'FolderTape',
    pageSize: 1_000,
    make: () => ({
      tape: new FolderTape(dir),
      putByStranger: async (key: string) => {
        await mkdir(dirname(join(dir, key)), { recursive: true });
        await writeFile(join(dir, key), 'x');
      },
    }),
  },
];

describe.each(ADAPTERS)('$name', ({ make, pageSize }) => {
  it('gives back the bytes of a segment under its fragment numbers', async () => {
    const { tape } = make();
    const recording = newRecording();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);

    await tape.append(recording, segment(41n, 57n, bytes));

    const [object, ...others] = await collect(tape.list(recording));
    expect(others).toEqual([]);
    expect(object).toMatchObject({ first: 41n, last: 57n, bytes: 70_000 });
    expect(object?.key.startsWith(tapePrefix(recording))).toBe(true);
    expect(Buffer.concat(await tape.read(object?.key ?? '')).equals(bytes)).toBe(true);
  });

  it('keeps its own copy of the bytes', async () => {
    const { tape } = make();
    const recording = newRecording();
    const bytes = Buffer.of(7, 7, 7);

    await tape.append(recording, segment(1n, 2n, bytes));
    bytes.fill(0);

    const [object] = await collect(tape.list(recording));
    expect(Buffer.concat(await tape.read(object?.key ?? ''))).toEqual(Buffer.of(7, 7, 7));
  });

  it('lists in order of the first fragment, whatever the order of writing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.bigInt({ min: 0n, max: 10n ** 60n - 1n }), { maxLength: 12 }),
        async (firsts) => {
          const { tape } = make();
          const recording = newRecording();
          for (const first of firsts) await tape.append(recording, segment(first));

          const listed = await collect(tape.list(recording));

          const inOrder = [...firsts].sort((a, b) => (a < b ? -1 : 1));
          expect(listed.map((object) => object.first)).toEqual(inOrder);
        },
      ),
      { numRuns: runs(15) },
    );
  });

  it('keeps both copies of a run that is stored twice', async () => {
    const { tape } = make();
    const recording = newRecording();

    await tape.append(recording, segment(5n, 9n));
    await tape.append(recording, segment(5n, 9n));

    const listed = await collect(tape.list(recording));
    expect(listed.map(({ first, last }) => [first, last])).toEqual([
      [5n, 9n],
      [5n, 9n],
    ]);
    expect(new Set(listed.map((object) => object.key)).size).toBe(2);
  });

  it('lists a tape of several pages whole', async () => {
    const { tape } = make();
    const recording = newRecording();
    const count = 2 * pageSize + 1;
    for (let first = 0; first < count; first++) await tape.append(recording, segment(BigInt(first)));

    const listed = await collect(tape.list(recording));

    expect(listed.map((object) => Number(object.first))).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it('lists from a fragment number on, whether an object begins there or not', async () => {
    const { tape } = make();
    const recording = newRecording();
    for (let first = 0n; first < 20n; first += 2n) await tape.append(recording, segment(first, first + 1n));
    await tape.append(recording, segment(8n, 30n));

    const firsts = async (from: bigint) =>
      (await collect(tape.list(recording, from))).map(({ first }) => first);

    expect(await firsts(8n)).toEqual([8n, 8n, 10n, 12n, 14n, 16n, 18n]);
    expect(await firsts(15n)).toEqual([16n, 18n]);
    expect(await firsts(19n)).toEqual([]);
    expect(await firsts(0n)).toHaveLength(11);
  });

  it('keeps the tapes of a contact’s recordings apart', async () => {
    const { tape } = make();
    const one = { contactId: 'a', startFragmentNumber: 12n };
    const other = { contactId: 'a', startFragmentNumber: 123n };

    await tape.append(one, segment(12n));
    await tape.append(other, segment(123n));

    expect((await collect(tape.list(one))).map(({ first }) => first)).toEqual([12n]);
    expect((await collect(tape.list(other))).map(({ first }) => first)).toEqual([123n]);
  });

  it('passes over objects that are not the tape’s', async () => {
    const { tape, putByStranger } = make();
    const recording = newRecording();
    const prefix = tapePrefix(recording);
    const name = `${padFragmentNumber(1n)}-${padFragmentNumber(2n)}-00000000-0000-4000-8000-00000000000f.mkv`;

    await putByStranger(`${prefix}notes.txt`);
    await putByStranger(`${prefix}${padFragmentNumber(1n)}.mkv`);
    await putByStranger(`${prefix}deeper/${name}`);
    await tape.append(recording, segment(3n));

    expect((await collect(tape.list(recording))).map(({ first }) => first)).toEqual([3n]);
  });

  it('removes what has been erased, once or twice, and nothing else', async () => {
    const { tape } = make();
    const recording = newRecording();
    // Of several pages, so that what is listed shrinks while it is gone through.
    for (let number = 0n; number < 5n; number += 1n) await tape.append(recording, segment(number));
    const other = newRecording();
    await tape.append(other, segment(1n));
    const [first] = await collect(tape.list(recording));

    await eraseTape(tape, recording);
    await tape.remove(first?.key ?? '');

    expect(await collect(tape.list(recording))).toEqual([]);
    expect(await collect(tape.list(other))).toHaveLength(1);
  });

  it('lists nothing for a recording without a tape', async () => {
    expect(await collect(make().tape.list(newRecording()))).toEqual([]);
  });

  it('says that an object is missing', async () => {
    const key = `${tapePrefix(newRecording())}gone.mkv`;

    const reading = make().tape.read(key);

    await expect(reading).rejects.toThrow(TapeObjectMissing);
    await expect(reading).rejects.toMatchObject({ key });
  });
});

describe('FolderTape', () => {
  it('refuses to overwrite', async () => {
    const tape = new FolderTape(dir, () => '0');
    const recording = newRecording();
    await tape.append(recording, segment(1n));
    await expect(tape.append(recording, segment(1n))).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('does not take for missing what it can’t read', async () => {
    const recording = newRecording();
    const tape = new FolderTape(dir);
    await tape.append(recording, segment(1n));
    await expect(tape.read(tapePrefix(recording).slice(0, -1))).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe('MemoryTape', () => {
  it('names its objects as the others do, in the order of their writing, and tells their keys in order', async () => {
    const tape = new MemoryTape();
    const recording = newRecording();
    for (const first of [5n, 1n, 3n]) await tape.append(recording, segment(first));
    expect(tape.history.map(({ object: { uuid } }) => uuid.slice(0, 8))).toEqual([
      '00000001',
      '00000002',
      '00000003',
    ]);
    const listed = await collect(tape.list(recording));
    for (const { uuid } of listed) expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(tape.keys).toEqual(listed.map(({ key }) => key));
  });

  it('shows what has come behind the page that was read', async () => {
    const tape = new MemoryTape();
    const recording = newRecording();
    for (let first = 0n; first < 2_002n; first += 2n) await tape.append(recording, segment(first));
    const listed: bigint[] = [];
    for await (const { first } of tape.list(recording)) {
      if (listed.push(first) > 1) continue;
      await tape.append(recording, segment(1n));
      await tape.append(recording, segment(1_999n));
    }
    expect(listed.filter((first) => first % 2n === 1n)).toEqual([1_999n]);
  });

  it('gives bytes in pieces, as a body comes', async () => {
    const tape = new MemoryTape();
    await tape.append(newRecording(), segment(1n, 1n, Uint8Array.of(1, 2, 3, 4)));
    const pieces = await tape.read(tape.keys[0] ?? '');
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.every(({ length }) => length > 0)).toBe(true);
  });

  it('holds what a stranger puts there, and what one takes away no more', async () => {
    const tape = new MemoryTape();
    await tape.append(newRecording(), segment(1n));
    const [key = ''] = tape.keys;
    const bytes = Buffer.of(9, 9, 9);
    tape.tamper(key, bytes);
    bytes.fill(0);
    expect(Buffer.concat(await tape.read(key))).toEqual(Buffer.of(9, 9, 9));
    tape.tamper(key, undefined);
    await expect(tape.read(key)).rejects.toThrow(TapeObjectMissing);
    expect(tape.keys).toEqual([]);
  });

  it('tells its history, and each write as it takes effect', async () => {
    const seen: bigint[] = [];
    const tape = new MemoryTape({ onWrite: ({ object }) => seen.push(object.first) });
    const recording = newRecording();

    await tape.append(recording, segment(3n));
    await tape.append(recording, segment(1n));

    expect(seen).toEqual([3n, 1n]);
    expect(tape.history.map(({ object }) => object.first)).toEqual([3n, 1n]);
  });

  it('refuses to overwrite', async () => {
    const tape = new MemoryTape({ uuid: () => '0' });
    const recording = newRecording();
    await tape.append(recording, segment(1n));

    await expect(tape.append(recording, segment(1n))).rejects.toThrow('overwritten');

    expect(tape.history).toHaveLength(1);
  });
});
