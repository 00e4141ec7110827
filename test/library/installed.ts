/** The package, packed and installed into an empty project: as whoever imports it has it, without network. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const Manifest = v.object({ dependencies: v.record(v.string(), v.string()) });

export interface Installed {
  /** The project's folder. */
  readonly dir: string;
  /** The package's own files, from its folder on. */
  readonly files: readonly string[];
  readonly dependencies: readonly string[];
  remove(): Promise<void>;
}

/** Needs `dist/` to be built. @param further packages that the project has besides */
export async function install(...further: readonly string[]): Promise<Installed> {
  const dir = await mkdtemp(join(tmpdir(), 'callspool-installed-'));
  const own = join(dir, 'node_modules/callspool');
  await mkdir(own, { recursive: true });
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', dir], { cwd: ROOT });
  const [tarball = ''] = (await readdir(dir)).filter((name) => name.endsWith('.tgz'));
  await run('tar', ['xf', join(dir, tarball), '-C', own, '--strip-components', '1']);
  const manifest = v.parse(Manifest, JSON.parse(await readFile(join(own, 'package.json'), 'utf8')));
  const dependencies = Object.keys(manifest.dependencies);
  // What it says that it needs, and nothing else of this project's.
  for (const name of [...dependencies, ...further]) {
    const link = join(dir, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), link, 'dir');
  }
  await writeFile(join(dir, 'package.json'), JSON.stringify({ name: 'user', type: 'module' }));
  const entries = await readdir(own, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return {
    dir,
    files: files.map((file) => file.slice(own.length + 1)).sort(),
    dependencies,
    remove: () => rm(dir, { recursive: true }),
  };
}
