/** What each test has to itself: a folder, and what is closed after it, the last that was opened first. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

export interface OwnOfTest {
  /** This test's folder. It is removed after it. */
  readonly dir: string;
  closeAfter(close: () => unknown): void;
}

/** To be called once a file, outside its tests. */
export function ownOfEachTest(): OwnOfTest {
  let dir: string | undefined;
  const closers: (() => unknown)[] = [];
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'callspool-test-'));
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    if (dir !== undefined) await rm(dir, { recursive: true });
    dir = undefined;
  });
  return {
    get dir() {
      if (dir === undefined) throw new Error('only a test has a folder of its own');
      return dir;
    },
    closeAfter: (close) => {
      closers.push(close);
    },
  };
}
