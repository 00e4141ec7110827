/**
 * A program in one file, whose parts are read when they are first needed. esbuild puts what is imported later
 * (`import()`) into chunks of its own only where there may be several files; here the chunks become functions of one.
 * They are CommonJS, by which Node's own modules are loaded sooner, too; so the program may not `await` at its top.
 */
import { basename } from 'node:path';
import { build, type BuildOptions, type Metafile, transform } from 'esbuild';
import { inputsOf } from './packages.ts';

const ENTRY = './index.mjs';

/** Loads as `require` does: a chunk runs once, when it is first asked for; anything else is Node's. */
const LOADER = `import { createRequire } from 'node:module';
const ofNode = createRequire(import.meta.url), loaded = {};
function load(name) {
  if (name[0] !== '.') return ofNode(name);
  if (loaded[name]) return loaded[name].exports;
  const module = (loaded[name] = { exports: {} });
  chunks[name](load, module, module.exports);
  return module.exports;
}
`;

export interface Packed {
  /** The program. */
  readonly text: string;
  /** Files of which something is in it. */
  readonly inputs: readonly string[];
  /** All that was read. */
  readonly sources: readonly string[];
  /** Files of which something is in a chunk, by the chunk's name. */
  readonly chunks: ReadonlyMap<string, readonly string[]>;
}

export async function pack(entryPoint: string, options: BuildOptions): Promise<Packed> {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: { index: entryPoint },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    splitting: true,
    metafile: true,
    write: false,
  });
  const atOnce = neededAtOnce(metafile.outputs);
  const chunks = outputFiles.map(async ({ path, text }) => {
    const { code } = await transform(text, {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      minify: true,
      supported: { 'dynamic-import': false },
    });
    const name = `./${basename(path)}`;
    const chunk = `function (require, module, exports) {${code}}`;
    // V8 compiles a function in parentheses together with what is around it, instead of reading it twice.
    return `${JSON.stringify(name)}: ${atOnce.has(name) ? `(${chunk})` : chunk},\n`;
  });
  const texts = await Promise.all(chunks);
  return {
    text: `${LOADER}const chunks = {\n${texts.join('')}};\nload(${JSON.stringify(ENTRY)});\n`,
    inputs: Object.values(metafile.outputs).flatMap(inputsOf),
    sources: Object.keys(metafile.inputs),
    chunks: new Map(
      Object.entries(metafile.outputs).map(([path, output]) => [`./${basename(path)}`, inputsOf(output)]),
    ),
  };
}

/** The chunks that the program can't begin without. */
function neededAtOnce(outputs: Metafile['outputs']): Set<string> {
  const names = new Set<string>();
  const visit = (path: string) => {
    const name = `./${basename(path)}`;
    if (names.has(name)) return;
    names.add(name);
    for (const { kind, external, path: imported } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) visit(imported);
    }
  };
  for (const path of Object.keys(outputs)) if (`./${basename(path)}` === ENTRY) visit(path);
  return names;
}
