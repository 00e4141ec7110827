import { execFileSync } from 'node:child_process';
import { beforeEach, expect, test, vi } from 'vitest';
import { collectYoungHeapAlone, keepHeapSmall } from '../../../ports/runtime/heap.ts';

const set = vi.hoisted((): string[] => []);
vi.mock('node:v8', () => ({ setFlagsFromString: (flag: string) => set.push(flag) }));

beforeEach(() => {
  set.length = 0;
});

test('a small young generation is collected by one thread', () => {
  collectYoungHeapAlone();
  expect(set).toEqual(['--no-parallel-scavenge']);
});

test('a heap that is kept small is collected so, too', () => {
  keepHeapSmall();
  expect(set).toEqual([
    '--no-parallel-scavenge',
    '--semi-space-growth-factor=1',
    '--heap-growing-percent=50',
  ]);
});

test('this Node.js knows every flag', () => {
  keepHeapSmall();
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  for (const flag of set) {
    const [name = ''] = flag.replace(/^--(no-)?/, '').split('=');
    expect(known).toMatch(new RegExp(`^ +--(\\[no-\\])?${name} `, 'm'));
  }
});
