/** Objects as files: which file is whose, and which there are. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileOf, isMissing, keysIn } from '../../../ports/objects/folder-files.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-files-'));
});
afterEach(() => rm(dir, { recursive: true }));

it('an object’s file is where its key says', () => {
  expect(fileOf('/top', 'a/b c.wav')).toBe('/top/a/b c.wav');
});

it.each(['', '.', '..', 'a//b', '/a', 'a/', 'a/./b', '../b', 'a/../../b'])(
  'no file has the key “%s”',
  (key) => {
    expect(() => fileOf('/top', key)).toThrow(`the object's key can't be a file's name: ${key}`);
  },
);

describe('keys', () => {
  beforeEach(async () => {
    for (const key of ['b.wav', 'a/2.wav', 'a/1.wav', 'a/deep/1.wav', 'ab/1.wav']) {
      await mkdir(dirname(join(dir, key)), { recursive: true });
      await writeFile(join(dir, key), '');
    }
    await mkdir(join(dir, 'a/empty'));
  });

  it.each([
    ['', ['a/1.wav', 'a/2.wav', 'a/deep/1.wav', 'ab/1.wav', 'b.wav']],
    ['a', ['a/1.wav', 'a/2.wav', 'a/deep/1.wav', 'ab/1.wav']],
    ['a/', ['a/1.wav', 'a/2.wav', 'a/deep/1.wav']],
    ['a/d', ['a/deep/1.wav']],
    ['a/deep/1', ['a/deep/1.wav']],
    ['none/', []],
    ['b.wav/', []],
  ])('that begin with “%s” are told in order, of files alone', async (prefix, keys) => {
    expect(await keysIn(dir, prefix)).toEqual(keys);
  });

  it('are in order of their text, as S3’s are, and not folder by folder', async () => {
    await writeFile(join(dir, 'a.wav'), '');
    expect(await keysIn(dir, 'a')).toEqual(['a.wav', 'a/1.wav', 'a/2.wav', 'a/deep/1.wav', 'ab/1.wav']);
  });

  it('of a folder that can’t be read are not none', async () => {
    await symlink('loop', join(dir, 'loop'));
    await expect(keysIn(dir, 'loop/x')).rejects.toMatchObject({ code: 'ELOOP' });
  });
});

it.each([
  [Object.assign(new Error('no'), { code: 'ENOENT' }), true],
  [Object.assign(new Error('no'), { code: 'ENOTDIR' }), true],
  [Object.assign(new Error('no'), { code: 'EACCES' }), false],
  [new Error('no'), false],
  [{ code: 'ENOENT' }, false],
  ['ENOENT', false],
])('%o says that there is none: %s', (error, isOne) => {
  expect(isMissing(error)).toBe(isOne);
});
