/** Which packages of others are in a bundle, by what esbuild says it took into it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import * as v from 'valibot';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, as its package.json has it. */
  readonly license: string;
  /** SHA-512 of the package as npm gives it, in base64; undefined where the lock has none. */
  readonly sha512: string | undefined;
  /** Texts of its LICENSE and NOTICE files; where it has none, that of Apache-2.0 itself, if that is its licence. */
  readonly texts: readonly string[];
}

const Package = v.object({ name: v.string(), version: v.string(), license: v.optional(v.string(), '') });
const Lock = v.object({
  packages: v.record(v.string(), v.object({ integrity: v.optional(v.string()) })),
});

/** This project’s licence, too: its text is at hand. */
const APACHE = 'Apache-2.0';

/** Files of which something is left in an output: what was shaken out of it is in no bundle. */
export function inputsOf({ inputs }: Metafile['outputs'][string]): string[] {
  return Object.entries(inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
}

/** `…/node_modules/@a/b/node_modules/c/d.js` → `…/node_modules/@a/b/node_modules/c` */
const FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** @param inputs paths that {@link inputsOf} gave. @returns by name, and then by version */
export async function packagesOf(root: string, inputs: readonly string[]): Promise<BundledPackage[]> {
  const { packages: locked } = v.parse(
    Lock,
    JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')),
  );
  const folders = [...new Set(inputs.flatMap((input) => FOLDER.exec(input)?.[0] ?? []))];
  const found = await Promise.all(folders.map((folder) => packageIn(root, folder, locked)));
  const byName = new Map(found.map((one) => [`${one.name}@${one.version}`, one]));
  return [...byName.keys()].sort().flatMap((key) => byName.get(key) ?? []);
}

async function packageIn(
  root: string,
  folder: string,
  locked: v.InferOutput<typeof Lock>['packages'],
): Promise<BundledPackage> {
  const dir = join(root, folder);
  const told = v.parse(Package, JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')));
  const key = folder.slice(folder.indexOf('node_modules/'));
  const [, sha512] = /^sha512-(\S+)$/.exec(locked[key]?.integrity ?? '') ?? [];
  const names = (await readdir(dir)).filter((name) => /^(licen[cs]e|notice)(\.|-|$)/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')));
  if (texts.length === 0 && told.license === APACHE)
    texts.push(await readFile(join(root, 'LICENSE'), 'utf8'));
  return { ...told, sha512, texts: texts.map((text) => text.replaceAll('\r\n', '\n').trim()) };
}
