/**
 * Bundles the programs that are deployed, two for the task's image and one a function; the operators' command; and what
 * others import, with its types.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type BuildOptions, type OutputFile } from 'esbuild';
import * as v from 'valibot';
import { declarations } from './bundle/declarations.ts';
import { LEAN } from './bundle/lean.ts';
import { noticesOf } from './bundle/notices.ts';
import { pack } from './bundle/pack.ts';
import { inputsOf, packagesOf } from './bundle/packages.ts';
import { sbomOf } from './bundle/sbom.ts';
import { STANDING_FILE, standingOf, stands } from './bundle/standing.ts';
import { ALL_FUNCTIONS, NOTICES_FILE, SBOM_FILE } from './contract/names.ts';

/** CommonJS packages inside an ES module bundle still call `require` for Node's own modules. */
const REQUIRE_SHIM =
  "import { createRequire as callspoolCreateRequire } from 'node:module'; const require = callspoolCreateRequire(import.meta.url);";

const OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  plugins: LEAN,
  logLevel: 'warning',
  write: false,
} as const satisfies BuildOptions;

/** The same, where it doesn't stand already: it takes seconds of computing. */
export async function buildUnlessStanding(root: string = import.meta.dirname): Promise<void> {
  if (!(await stands(root))) await buildAll(root);
}

export async function buildAll(root: string = import.meta.dirname): Promise<void> {
  const beganAtMs = Date.now();
  const functions = await build({
    ...OPTIONS,
    banner: { js: REQUIRE_SHIM },
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      ALL_FUNCTIONS.map((name) => [`functions/${name}/index`, `functions/${name}/handler.ts`]),
    ),
    outdir: 'dist',
    metafile: true,
  });
  const read = Object.keys(functions.metafile.inputs);
  const written = functions.outputFiles.map(({ path }) => relative(root, path));
  await Promise.all([
    ...functions.outputFiles.map(replaceIfChanged),
    // The image gives it an owner (task/Dockerfile), and nothing copies a folder without a file.
    replaceIfChanged({ path: join(root, 'dist/run/callspool/.keep'), contents: Buffer.from('') }),
  ]);
  for (const [path, output] of Object.entries(functions.metafile.outputs))
    await writeCompanions(root, dirname(relative('dist', path)), inputsOf(output));
  for (const program of PROGRAMS) {
    const { text, inputs, sources } = await pack(`${program}/main.ts`, { ...OPTIONS, absWorkingDir: root });
    await replaceIfChanged({ path: join(root, `dist/${program}/index.mjs`), contents: Buffer.from(text) });
    await writeCompanions(root, program, inputs);
    read.push(...sources);
    written.push(`dist/${program}/index.mjs`);
  }
  const companions = written.flatMap((path) => COMPANIONS.map((name) => join(dirname(path), name)));
  const standing = await standingOf(root, { read, written: [...written, ...companions] }, beganAtMs);
  if (standing !== undefined)
    await replaceIfChanged({ path: join(root, STANDING_FILE), contents: Buffer.from(standing) });
}

const COMPANIONS = [NOTICES_FILE, SBOM_FILE];

/** Those of the task's image. */
const PROGRAMS = ['task', 'live'];

/** Beside a bundle: the licences of what is in it, and what is in it, for whoever keeps an inventory. */
async function writeCompanions(root: string, program: string, inputs: readonly string[]): Promise<void> {
  const packages = await packagesOf(root, inputs);
  const { version } = v.parse(Versioned, JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const companions = { [NOTICES_FILE]: noticesOf(packages), [SBOM_FILE]: sbomOf(program, version, packages) };
  for (const [name, text] of Object.entries(companions))
    await replaceIfChanged({ path: join(root, 'dist', program, name), contents: Buffer.from(text) });
}

const Versioned = v.object({ version: v.string() });

/** Builds the command in chunks, so that `--help` doesn't load every AWS client; `ebml` apart: only a worker may load it. */
export async function buildCli(root: string = import.meta.dirname, outdir = 'dist/cli'): Promise<void> {
  const { outputFiles } = await build({
    ...OPTIONS,
    banner: { js: REQUIRE_SHIM },
    absWorkingDir: root,
    entryPoints: { index: 'cli/main.ts' },
    outdir,
    splitting: true,
    chunkNames: 'chunk-[hash]',
  });
  const { outputFiles: packages } = await build({
    ...OPTIONS,
    absWorkingDir: root,
    entryPoints: { ebml: 'ebml' },
    outdir,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  });
  await Promise.all(packages.map(replaceIfChanged));
  // Chunks are there before whoever loads them.
  const isChunk = ({ path }: OutputFile) => basename(path).startsWith('chunk-');
  await Promise.all(outputFiles.filter(isChunk).map(replaceIfChanged));
  await Promise.all(outputFiles.filter((output) => !isChunk(output)).map(replaceIfChanged));
}

/** What others import: package.json's `exports`. */
const LIBRARY = ['live', 'consumer'];

/**
 * Builds what others import. The AWS clients stay outside: they are the package's dependencies, so that whoever has them
 * already has them once, and newer ones without a new callspool. It is left readable, since it stands in others' stacks.
 */
export async function buildLibrary(
  root: string = import.meta.dirname,
  outdir = 'dist/library',
): Promise<void> {
  const { outputFiles } = await build({
    ...OPTIONS,
    minify: false,
    absWorkingDir: root,
    entryPoints: LIBRARY.map((name) => `library/${name}.ts`),
    outdir,
    splitting: true,
    chunkNames: 'shared-[hash]',
    external: ['@aws-sdk/*'],
  });
  const types = declarations(
    join(root, 'library'),
    LIBRARY.map((name) => `${name}.ts`),
  );
  const folder = resolve(root, outdir);
  await Promise.all(outputFiles.map(replaceIfChanged));
  await Promise.all(
    [...types].map(([name, text]) =>
      replaceIfChanged({ path: join(folder, name), contents: Buffer.from(text) }),
    ),
  );
}

/** Replaces a file in one step, and only where there is a change: a program of another run may be loading it now. */
async function replaceIfChanged({ path, contents }: Pick<OutputFile, 'path' | 'contents'>): Promise<void> {
  const standing = await readFile(path).catch(() => undefined);
  if (standing?.equals(contents) === true) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${String(process.pid)}.tmp`;
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await Promise.all([buildAll(), buildCli(), buildLibrary()]);
