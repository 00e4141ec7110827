/** Whether what was built still is what its sources make, so that nobody waits for it to be made again. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

/** Beside the programs. */
export const STANDING_FILE = 'dist/.standing.json';

const Standing = v.record(v.string(), v.string());
type Standing = v.InferOutput<typeof Standing>;

/** What builds, and what says which packages there are: the bundler tells of none of them. */
const BUILDERS = [
  'build.ts',
  'contract/names.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'LICENSE',
];
const PACKAGES = 'node_modules/.package-lock.json';

/**
 * What is to be remembered of a build.
 * @param files what it read and what it wrote, from the root
 * @param beganAtMs when it began, epoch ms
 * @returns JSON; undefined where a source has changed since it began, since nobody knows which of the two was read
 */
export async function standingOf(
  root: string,
  files: { readonly read: readonly string[]; readonly written: readonly string[] },
  beganAtMs: number,
): Promise<string | undefined> {
  // Sources that were copied elsewhere are built there by what stands here.
  const names = await readdir(join(root, 'bundle')).catch(() => []);
  const bundlers = names.map((name) => `bundle/${name}`);
  const read = [...files.read, ...bundlers, ...BUILDERS, PACKAGES];
  const times = await Promise.all(read.map(async (path) => (await statOf(root, path))?.mtimeMs ?? 0));
  if (times.some((timeMs) => timeMs >= beganAtMs)) return undefined;
  const paths = [...new Set([...read, ...files.written])].sort();
  const marks = await Promise.all(paths.map(async (path) => [path, await markOf(root, path)] as const));
  return JSON.stringify(Object.fromEntries(marks));
}

/** Tells whether all that was read and written then is as it was. */
export async function stands(root: string): Promise<boolean> {
  const standing = await readStanding(join(root, STANDING_FILE));
  if (standing === undefined) return false;
  const marks = Object.entries(standing);
  const same = await Promise.all(marks.map(async ([path, mark]) => (await markOf(root, path)) === mark));
  return same.every(Boolean);
}

async function readStanding(path: string): Promise<Standing | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), Standing), text);
  return read.success ? read.output : undefined;
}

/** A file's size and time; one that isn't there has a mark, too. */
async function markOf(root: string, path: string): Promise<string> {
  const file = await statOf(root, path);
  return file ? `${file.size} ${file.mtimeMs}` : 'absent';
}

function statOf(root: string, path: string) {
  return stat(join(root, path)).catch(() => undefined);
}
