/** Objects as plain files, `<folder>/<key…>`: what a local run leaves. */
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** An object's file. @throws when its key would lead elsewhere. */
export function fileOf(folder: string, key: string): string {
  const names = key.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..' || name.includes(sep))) {
    throw new Error(`the object's key can't be a file's name: ${key}`);
  }
  return join(folder, ...names);
}

/** Keys that begin with the prefix, in order; none where there is no such folder. */
export async function keysIn(folder: string, prefix: string): Promise<string[]> {
  // Only what lies beneath the prefix's own folder is walked.
  const parents = prefix.split('/').slice(0, -1);
  const root = parents.length === 0 ? folder : fileOf(folder, parents.join('/'));
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((key) => key.startsWith(prefix))
    .sort();
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
