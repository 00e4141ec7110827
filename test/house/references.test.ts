import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, sources } from './sources.ts';

/** A path with a folder, as comments, documents and tests write it. */
const PATH = /(?<![\w./@-])(?:\.\.?\/)*(?:[\w-]+\/)+[\w.-]+\.(?:ts|mjs|md|sh|json)\b/g;
/** Made by programs, or others' own. */
const ELSEWHERE =
  /(^|\/)(dist|stacks\/callspool|cdktf\.out|local-out|node_modules|tables|recordings|tape|lib|cjs)\/|index\.mjs$|\blive\/listener-\w+\.json$/;

/** The folders that a path in this file may be told from: its own, and those around it. */
function basesOf(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [ROOT] : [join(ROOT, folder), ...basesOf(folder)];
}

function missingIn(path: string, text: string, rooms: ReadonlySet<string | undefined>): string[] {
  return [...text.matchAll(PATH)]
    .map(([reference]) => reference)
    .filter((reference) => !ELSEWHERE.test(reference))
    .filter((reference) => reference.startsWith('.') || rooms.has(reference.split('/')[0]))
    .filter((reference) => !basesOf(path).some((base) => existsSync(join(base, reference))))
    .map((reference) => `${path}: ${reference}`);
}

test('comments and documents point to files that are there', () => {
  const files = sources('.md', '.ts', '.mjs', '.sh').filter(({ path }) => !path.startsWith('test/house/'));
  const rooms = new Set(files.map(({ path }) => path.split('/')[0]));

  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(({ path, text }) => missingIn(path, text, rooms))).toEqual([]);
  expect(missingIn('docs/X.md', 'see `task/no-such-file.ts`', rooms)).toHaveLength(1);
});
