import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FolderObjects } from '../../../ports/objects/folder-objects.ts';
import { S3Objects } from '../../../ports/objects/s3-objects.ts';
import { ObjectMissing, type StoredObjects } from '../../../ports/objects/stored-objects.ts';
import { collect } from '../../support/collect.ts';
import { type S3ForTest, s3ForTest } from '../../support/standins.ts';

let s3: S3ForTest;
let dir: string;
beforeAll(async () => {
  s3 = await s3ForTest();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-objects-'));
});
afterEach(() => rm(dir, { recursive: true }));
afterAll(() => s3.close());

interface Store {
  readonly objects: StoredObjects;
  readonly put: (key: string, bytes: Uint8Array) => Promise<unknown>;
}

const ADAPTERS: readonly { name: string; make: () => Store }[] = [
  {
    name: 'S3Objects',
    make: () => ({
      objects: new S3Objects(s3.client, s3.bucket),
      put: (Key, Body) => s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key, Body })),
    }),
  },
  {
    name: 'FolderObjects',
    make: () => ({
      objects: new FolderObjects(dir),
      put: async (key, bytes) => {
        await mkdir(dirname(join(dir, key)), { recursive: true });
        await writeFile(join(dir, key), bytes);
      },
    }),
  },
];

describe.each(ADAPTERS)('$name', ({ name, make }) => {
  const bytes = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => index % 251));
  const key = `recordings/${name}/1.wav`;

  it('reads an object, whole or in part', async () => {
    const { objects, put } = make();
    await put(key, bytes);
    expect(Buffer.concat(await collect(objects.read(key))).equals(bytes)).toBe(true);
    const part = Buffer.concat(await collect(objects.read(key, { from: 1_000, to: 2_001 })));
    expect(part.equals(bytes.subarray(1_000, 2_001))).toBe(true);
    expect(await collect(objects.read(key, { from: 5, to: 5 }))).toEqual([]);
    const rest = Buffer.concat(await collect(objects.read(key, { from: 299_990, to: Infinity })));
    expect(rest.equals(bytes.subarray(299_990))).toBe(true);
  });

  it('puts an object, also in place of another', async () => {
    const { objects } = make();
    const put = `put/${name}/deep/er.json`;
    await objects.put(put, Buffer.from('{"long": 1}'), 'application/json');
    await objects.put(put, Buffer.from('{}'), 'application/json');
    expect(Buffer.concat(await collect(objects.read(put))).toString()).toBe('{}');
    expect(await collect(objects.versions(`put/${name}/`))).toMatchObject([{ key: put, bytes: 2 }]);
  });

  it('says so when there is none', async () => {
    const { objects } = make();
    const reading = collect(objects.read(`${name}/none`));
    await expect(reading).rejects.toThrow(ObjectMissing);
    await expect(reading).rejects.toMatchObject({
      name: 'ObjectMissing',
      key: `${name}/none`,
      message: `${objects.name} holds no object ${name}/none`,
      cause: expect.any(Error) as Error,
    });
  });

  it('lists what begins alike, and nothing else; erases it, once or twice', async () => {
    const { objects, put } = make();
    for (const one of ['a/1.wav', 'a/1.json', 'a/10.wav', 'b/1.wav'])
      await put(`${name}/${one}`, Buffer.from('12345'));
    const versions = await collect(objects.versions(`${name}/a/1.`));
    expect(versions.map((version) => [version.key, version.bytes]).sort()).toEqual([
      [`${name}/a/1.json`, 5],
      [`${name}/a/1.wav`, 5],
    ]);

    await objects.erase(versions);
    await objects.erase(versions);

    const left = await collect(objects.versions(`${name}/`));
    expect(left.map((version) => version.key).sort()).toEqual([`${name}/a/10.wav`, `${name}/b/1.wav`]);
    expect(await collect(objects.versions(`${name}/none/`))).toEqual([]);
  });
});

it.each(['tape/call/1', 'odd..'])('leaves no empty folders behind: %s', async (folder) => {
  const objects = new FolderObjects(dir);
  await mkdir(join(dir, folder), { recursive: true });
  await writeFile(join(dir, folder, 'a.mkv'), '');
  await objects.erase([{ key: `${folder}/a.mkv`, bytes: 0 }]);
  expect(await readdir(dir)).toEqual([]);
});

it('leaves what is above a folder that isn’t there', async () => {
  await mkdir(join(dir, 'tape'));
  await new FolderObjects(dir).erase([{ key: 'tape/call/a.mkv', bytes: 0 }]);
  expect(await readdir(dir)).toEqual(['tape']);
});

it('leaves a folder in which something is left, and all that is above it', async () => {
  const objects = new FolderObjects(dir);
  for (const key of ['tape/call/1/a.mkv', 'tape/call/2/b.mkv']) await objects.put(key, Buffer.from('x'));
  await objects.erase([{ key: 'tape/call/1/a.mkv', bytes: 1 }]);
  expect(await readdir(join(dir, 'tape/call'))).toEqual(['2']);
  await objects.erase([{ key: 'top.json', bytes: 1 }]);
  expect(await readdir(dir)).toEqual(['tape']);
});

it('keeps what it puts from other users, and from whoever reads it half written', async () => {
  await new FolderObjects(dir).put('a/b.wav', Buffer.from('x'));
  expect(await readdir(join(dir, 'a'))).toEqual(['b.wav']);
  expect((await stat(join(dir, 'a/b.wav'))).mode & 0o777).toBe(0o600);
});

it('passes on what it can’t read', async () => {
  await mkdir(join(dir, 'a'));
  await expect(collect(new FolderObjects(dir).read('a'))).rejects.toMatchObject({ code: 'EISDIR' });
});

it('leads nowhere but into its folder', async () => {
  const objects = new FolderObjects(join(dir, 'inner'));
  await writeFile(join(dir, 'outside'), 'secret');
  await expect(collect(objects.read('../outside'))).rejects.toThrow("can't be a file's name");
  await expect(objects.erase([{ key: '../outside', bytes: 6 }])).rejects.toThrow("can't be a file's name");
  expect(await readdir(dir)).toEqual(['outside']);
});
