import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseDockerfile } from '../../../local/image/dockerfile.ts';
import { pinBase } from '../../../local/image/pin.ts';
import { readConfig } from '../../../stacks/config/config.ts';

const ROOT = join(import.meta.dirname, '../../..');
const [ONE, OTHER] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-pin-'));
  for (const file of ['task/Dockerfile', 'stacks/config/settings.ts', 'README.md', 'docs/DEPLOYING.md'])
    await cp(join(ROOT, file), join(dir, file), { recursive: true });
});
afterEach(() => rm(dir, { recursive: true }));

const baseIn = async (root: string) =>
  parseDockerfile(await readFile(join(root, 'task/Dockerfile'), 'utf8')).base;

it('the deployment’s base is the Dockerfile’s', async () => {
  expect(await baseIn(ROOT)).toBe(readConfig({}, {}).nodeImage);
});

it('a digest goes wherever the base is named, and another one in its place', async () => {
  const [named] = (await baseIn(dir)).split('@');
  expect(await pinBase(dir, ONE)).toHaveLength(4);
  expect(await baseIn(dir)).toBe(`${String(named)}@${ONE}`);
  expect(await pinBase(dir, ONE)).toEqual([]);
  await pinBase(dir, OTHER);
  for (const file of ['stacks/config/settings.ts', 'README.md', 'docs/DEPLOYING.md']) {
    const text = await readFile(join(dir, file), 'utf8');
    expect(text).toContain(`${String(named)}@${OTHER}`);
    expect(text).not.toContain(ONE);
  }
});
