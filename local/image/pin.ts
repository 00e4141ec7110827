/** The base’s digest in every place that names the base, so that moving it is one command and one diff. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the base is named. Tests hold the setting’s default against the Dockerfile, and the documents against the setting. */
const PLACES = ['task/Dockerfile', 'stacks/config/settings.ts', 'README.md', 'docs/DEPLOYING.md'];
const BASE = /(gcr\.io\/distroless\/nodejs\d+-debian\d+:nonroot)(?:@sha256:[0-9a-f]{64})?(?!@sha256:…)/g;
export const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** @param digest of the base’s index, so that every architecture is its own. @returns the text that names it so */
function pinned(text: string, digest: string): string {
  return text.replace(BASE, `$1@${digest}`);
}

/** @returns the files that were changed */
export async function pinBase(root: string, digest: string): Promise<string[]> {
  const changed: string[] = [];
  for (const place of PLACES) {
    const file = join(root, place);
    const before = await readFile(file, 'utf8');
    const after = pinned(before, digest);
    if (after === before) continue;
    await writeFile(file, after);
    changed.push(place);
  }
  return changed;
}
