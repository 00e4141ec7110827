import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from '../../../cli/files/whole-file.ts';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-file-'));
  file = join(dir, 'file');
});
afterEach(() => rm(dir, { recursive: true }));

test('a file stands as it was until the new one is complete', async () => {
  await writeFile(file, 'old');
  const failing = (function* () {
    yield 'ne';
    throw new Error('cut');
  })();
  await expect(writeWhole(file, failing)).rejects.toThrow('cut');
  expect(await readFile(file, 'utf8')).toBe('old');
  await writeWhole(file, ['ne', 'w']);
  expect(await readFile(file, 'utf8')).toBe('new');
  expect(await readdir(dir)).toEqual(['file']);
});

test('nothing is left of one that was interrupted', async () => {
  const interruption = new AbortController();
  const endless = (function* () {
    for (let chunk = 0; ; chunk += 1) {
      if (chunk === 10) interruption.abort();
      yield 'more';
    }
  })();
  await expect(writeWhole(file, endless, interruption.signal)).rejects.toThrow(/abort/i);
  expect(await readdir(dir)).toEqual([]);
});

test('an interruption is not waited for, whatever the source waits for', async () => {
  const interruption = new AbortController();
  const silent = (async function* () {
    yield Buffer.from('some');
    interruption.abort();
    await new Promise(() => undefined);
  })();
  await expect(writeWhole(file, silent, interruption.signal)).rejects.toMatchObject({ name: 'AbortError' });
  expect(await readdir(dir)).toEqual([]);
});

test('only its owner can read it, whoever could read what stood there', async () => {
  const umask = process.umask(0);
  try {
    await writeFile(file, 'old', { mode: 0o644 });
    await writeFile(`${file}.part`, 'left behind', { mode: 0o666 });
    await writeWhole(file, ['new']);
  } finally {
    process.umask(umask);
  }
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toBe('new');
});

test('a pipe stays a pipe, and its reader gets all', async () => {
  execFileSync('mkfifo', [file]);
  const read = readFile(file, 'utf8');
  await writeWhole(file, ['al', 'l']);
  expect(await read).toBe('all');
  expect((await stat(file)).isFIFO()).toBe(true);
});
