import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copyCheckout } from './copy.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'callspool-copy-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

it('a copy has the files and the bundles, and no link by which an install would reach another checkout', () => {
  const root = join(dir, 'checkout');
  mkdirSync(join(root, 'dist'), { recursive: true });
  mkdirSync(join(dir, 'installed'));
  execFileSync('git', ['init', '--quiet', root]);
  writeFileSync(join(root, '.gitignore'), 'dist/\n');
  writeFileSync(join(root, 'one.ts'), 'new');
  writeFileSync(join(root, 'dist/index.mjs'), 'built');
  symlinkSync(join(dir, 'installed'), join(root, 'node_modules'));
  const copy = join(dir, 'copy');

  copyCheckout(root, copy);

  expect(readFileSync(join(copy, 'one.ts'), 'utf8')).toBe('new');
  expect(readFileSync(join(copy, 'dist/index.mjs'), 'utf8')).toBe('built');
  expect(existsSync(join(copy, 'node_modules'))).toBe(false);
});
