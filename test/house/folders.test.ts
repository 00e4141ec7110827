import { dirname, join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { type Source, sources } from './sources.ts';

type Imports = ReadonlyMap<string, ReadonlySet<string>>;

/** Folder → the folders that its files import, types too. Inside a folder files may stand in any order; knip holds that. */
function importsOf(files: readonly Source[]): Imports {
  const imports = new Map<string, Set<string>>();
  for (const { path, text } of files) {
    const from = dirname(path);
    const known = imports.get(from) ?? new Set();
    imports.set(from, known);
    for (const { fileName } of ts.preProcessFile(text).importedFiles)
      if (fileName.startsWith('.')) known.add(dirname(join(from, fileName)));
    known.delete(from);
  }
  return imports;
}

/** The first way that leads from a folder back to it. */
function circleOf(imports: Imports): string[] | undefined {
  const done = new Set<string>();
  const visit = (folder: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(folder)) return [...way.slice(way.indexOf(folder)), folder];
    if (done.has(folder)) return undefined;
    done.add(folder);
    for (const next of imports.get(folder) ?? []) {
      const circle = visit(next, [...way, folder]);
      if (circle) return circle;
    }
    return undefined;
  };
  for (const folder of imports.keys()) {
    const circle = visit(folder, []);
    if (circle) return circle;
  }
  return undefined;
}

test('no folder imports one that leads back to it', () => {
  const files = sources('.ts', '.mjs');

  expect(circleOf(importsOf(files.filter(({ path }) => !path.startsWith('test/'))))).toBeUndefined();
  expect(circleOf(importsOf(files.filter(({ path }) => path.startsWith('test/'))))).toBeUndefined();
});

test('a circle would be found', () => {
  const files = [
    { path: 'a/one.ts', text: "import '../b/two.ts';" },
    { path: 'b/two.ts', text: "import type { C } from '../c/d/three.ts';" },
    { path: 'c/d/three.ts', text: "export const load = () => import('../../a/four.ts');" },
  ];

  expect(circleOf(importsOf(files))).toEqual(['a', 'b', 'c/d', 'a']);
});
