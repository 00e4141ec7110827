/** Other ways in which the same task could be started. None of them is deployed; why not, docs/COSTS-START.md says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { LEAN } from '../../bundle/lean.ts';
import { ROOT } from '../support/program.ts';

export interface Program {
  readonly name: string;
  /** Node's arguments, and the program's. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Variants {
  readonly programs: readonly Program[];
  /** What couldn't be made, and why. */
  readonly failed: readonly (readonly [name: string, why: string])[];
  /** MB that the image would have more. */
  readonly sizes: ReadonlyMap<string, number>;
  remove(): Promise<void>;
}

const FOLDER = join(ROOT, 'node_modules/.cache/bench', `start-${String(process.pid)}`);
const FIRST_LINE =
  "import { createRequire } from 'node:module';\nconst ofNode = createRequire(import.meta.url),";

/**
 * @param task the bundle. @param warm runs a program to its first GetMedia and then ends it by SIGTERM, so that it leaves
 * as a task does: only then does Node write its compile cache
 */
export async function makeVariants(
  task: string,
  env: Readonly<Record<string, string>>,
  warm: (program: Program) => Promise<void>,
): Promise<Variants> {
  await mkdir(FOLDER, { recursive: true });
  const cache = join(FOLDER, 'compile-cache');
  const common = join(FOLDER, 'task.cjs');
  const snapshot = join(FOLDER, 'task.blob');
  await writeFile(common, asCommonJs(await readFile(task, 'utf8')));
  const compiled: Program = {
    name: 'task, with Node’s compile cache',
    args: [task],
    env: { ...env, NODE_COMPILE_CACHE: cache },
  };
  const programs: Program[] = [{ name: 'task, as a CommonJS file', args: [common], env }, compiled];
  await warm(compiled);
  const cachedBytes = await bytesBelow(cache);
  if (cachedBytes === 0) throw new Error('Node has kept no compile cache');
  const sizes = new Map([[compiled.name, cachedBytes / 1e6]]);
  const failed: [string, string][] = [];
  const name = 'task, from a start-up snapshot';
  const why = await buildSnapshot(snapshot);
  if (why === undefined) {
    programs.push({ name, args: ['--snapshot-blob', snapshot], env });
    sizes.set(name, (await readFile(snapshot)).length / 1e6);
  } else failed.push([name, why]);
  return { programs, failed, sizes, remove: () => rm(FOLDER, { recursive: true }) };
}

/** An ES module is looked up and linked by promises; all that is in the bundle is CommonJS already, but its first lines. */
function asCommonJs(bundle: string): string {
  const changed = bundle.replace(FIRST_LINE, 'const ofNode = require,');
  if (changed === bundle) throw new Error('the bundle begins otherwise than bundle/pack.ts writes it');
  return changed;
}

/** @returns why there is none; undefined when there is */
async function buildSnapshot(blob: string): Promise<string | undefined> {
  const program = join(FOLDER, 'from-snapshot.cjs');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['bench/start/from-snapshot.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    plugins: LEAN,
    logLevel: 'error',
  });
  const child = spawn(process.execPath, ['--snapshot-blob', blob, '--build-snapshot', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {},
  });
  const told = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (child.exitCode === 0) return undefined;
  // A failure of V8's own stands between hash signs; what it was about, above.
  const said = [/^global handle not serialized/m, /#HTTPParser/, /^\w*Error.*$/m, /(?<=^# )\w.*failed$/m];
  const lines = said.flatMap((line) => line.exec(told.slice(0, 2).join('\n'))?.[0] ?? []);
  return lines.length > 0 ? lines.join(': ') : `exit ${String(child.exitCode ?? child.signalCode)}`;
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => (await readFile(join(parentPath, name))).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
