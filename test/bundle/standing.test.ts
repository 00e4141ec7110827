/** What was built stands until something of it changes. */
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { STANDING_FILE, standingOf, stands } from '../../bundle/standing.ts';

const LONG_AGO = new Date('2026-01-01T00:00:00Z');
const FILES = { read: ['task/main.ts'], written: ['dist/task/index.mjs'] };

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'callspool-standing-'));
  for (const folder of ['bundle', 'task', 'dist/task']) await mkdir(join(root, folder), { recursive: true });
  for (const file of ['bundle/pack.ts', 'build.ts', ...FILES.read, ...FILES.written])
    await write(file, 'old');
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

async function write(file: string, text: string, time = LONG_AGO): Promise<void> {
  await writeFile(join(root, file), text);
  await utimes(join(root, file), time, time);
}

async function built(): Promise<void> {
  const standing = await standingOf(root, FILES, LONG_AGO.getTime() + 1_000);
  await writeFile(join(root, STANDING_FILE), standing ?? '');
}

describe('a build', () => {
  test('doesn’t stand before there is one', async () => {
    expect(await stands(root)).toBe(false);
  });

  test('stands while nothing changes', async () => {
    await built();
    expect(await stands(root)).toBe(true);
  });

  test.each([
    ['a source is longer', 'task/main.ts', 'longer', LONG_AGO],
    ['a source is newer', 'task/main.ts', 'new', new Date(LONG_AGO.getTime() + 1)],
    ['what builds is newer', 'build.ts', 'new', new Date(LONG_AGO.getTime() + 1)],
    ['the bundler is newer', 'bundle/pack.ts', 'new', new Date(LONG_AGO.getTime() + 1)],
    ['there is a lock where there was none', 'package-lock.json', '{}', LONG_AGO],
    ['a program was altered', 'dist/task/index.mjs', 'other', LONG_AGO],
    ['what it says of itself is damaged', STANDING_FILE, '{"task/main.ts":', LONG_AGO],
  ])('doesn’t stand any more when %s', async (_, file, text, time) => {
    await built();
    await write(file, text, time);
    expect(await stands(root)).toBe(false);
  });

  test('doesn’t stand any more when a program is gone', async () => {
    await built();
    await rm(join(root, 'dist/task/index.mjs'));
    expect(await stands(root)).toBe(false);
  });

  test('is not remembered when a source changed meanwhile', async () => {
    await write('task/main.ts', 'new', new Date(LONG_AGO.getTime() + 1_000));
    expect(await standingOf(root, FILES, LONG_AGO.getTime() + 1_000)).toBeUndefined();
  });
});
