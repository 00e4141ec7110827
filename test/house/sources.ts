/** The project's own files, as the tests of the house read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** What is made, or somebody else's. */
const NOT_OURS = new Set(['node_modules', 'dist', 'local-out', 'coverage', '.git', '.stryker-tmp']);

export interface Source {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** All files with one of these endings, by path. */
export function sources(...endings: readonly string[]): Source[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name) && !name.startsWith('cdktf.out'))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(ROOT, entry.name), { recursive: true, withFileTypes: true })
            .filter((inner) => inner.isFile())
            .map((inner) => relative(ROOT, join(inner.parentPath, inner.name)))
        : [entry.name],
    )
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}
