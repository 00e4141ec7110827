import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from '../../cli/whole-file.ts';

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

test('a pipe stays a pipe, and its reader gets all', async () => {
  execFileSync('mkfifo', [file]);
  const read = readFile(file, 'utf8');
  await writeWhole(file, ['al', 'l']);
  expect(await read).toBe('all');
  expect((await stat(file)).isFIFO()).toBe(true);
});
