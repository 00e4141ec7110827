import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { EQUIVALENT } from '../mutation/equivalent.ts';

/** An entry whose line has changed names nothing any more, and is to be looked at again. */
test('every change that is named as changing nothing is of a line that stands in its file', async () => {
  const files = new Set(EQUIVALENT.map(({ file }) => file));
  const lines = new Map<string, Set<string>>();
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    lines.set(file, new Set(text.split('\n').map((line) => line.trim())));
  }
  expect(EQUIVALENT.length).toBeGreaterThan(0);
  expect(EQUIVALENT.filter(({ file, line }) => lines.get(file)?.has(line) !== true)).toEqual([]);
});
