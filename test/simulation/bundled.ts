/** The worker as one plain file: as it runs through the loader, every function made in a run costs several times as much. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const REQUIRE_SHIM =
  "import { createRequire as simulationRequire } from 'node:module'; const require = simulationRequire(import.meta.url);";

export interface Bundled {
  readonly path: string;
  remove(): Promise<void>;
}

export async function bundled(entryPoint: string): Promise<Bundled> {
  const folder = await mkdtemp(join(tmpdir(), 'callspool-simulation-'));
  const path = join(folder, 'worker.mjs');
  await build({
    entryPoints: [entryPoint],
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: { js: REQUIRE_SHIM },
    logLevel: 'warning',
  });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
