/** Bundles the programs that are deployed: one file for the task's image, one a function. */
import { pathToFileURL } from 'node:url';
import { build, type BuildOptions } from 'esbuild';

export const FUNCTION_NAMES = ['connect', 'contact-event', 'assemble'] as const;

/** CommonJS packages inside an ES module bundle still call `require` for Node's own modules. */
const REQUIRE_SHIM =
  "import { createRequire as callspoolCreateRequire } from 'node:module'; const require = callspoolCreateRequire(import.meta.url);";

const SHARED: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  legalComments: 'none',
  banner: { js: REQUIRE_SHIM },
  logLevel: 'warning',
};

export async function buildAll(root: string = import.meta.dirname): Promise<void> {
  await build({
    ...SHARED,
    absWorkingDir: root,
    entryPoints: { index: 'task/main.ts' },
    outdir: 'dist/task',
  });
  await build({
    ...SHARED,
    absWorkingDir: root,
    entryPoints: Object.fromEntries(FUNCTION_NAMES.map((name) => [`${name}/index`, `functions/${name}.ts`])),
    outdir: 'dist/functions',
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildAll();
