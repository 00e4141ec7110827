/** Where a program's CPU time goes, by function: V8's own profiler, on a build that has its names still. */
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type RunOptions, runProgram } from '../support/program.ts';
import type { Table } from '../support/results.ts';

/** Between two looks. */
const INTERVAL_US = 100;
/** What takes less is not named. */
const LEAST_PART = 0.015;
const IDLE = '(idle)';

/** As DevTools has it (Chrome DevTools Protocol, `Profiler.Profile`). */
const Profile = v.object({
  nodes: v.array(
    v.object({
      id: v.number(),
      callFrame: v.object({ functionName: v.string(), url: v.string(), lineNumber: v.number() }),
    }),
  ),
  samples: v.array(v.number()),
  /** µs since the sample before. */
  timeDeltas: v.array(v.number()),
});
export type Profile = v.InferOutput<typeof Profile>;

export interface Share {
  /** A function, and the file that it is of; or what it is a part of: a file of ours, a package, Node, V8. */
  readonly where: string;
  /** Of the time in which the program had something to do. */
  readonly part: number;
}

/**
 * @param program is run. @param named what `buildProgram` made with `named`: the program, or a bundle that it loads
 * @throws where it fails
 */
export async function profileOf(program: string, options: RunOptions, named = program): Promise<Shares> {
  const dir = await mkdtemp(join(tmpdir(), 'callspool-bench-'));
  try {
    const nodeArgs = ['--cpu-prof', `--cpu-prof-dir=${dir}`, `--cpu-prof-interval=${String(INTERVAL_US)}`];
    const { exitCode, stderr } = await runProgram(program, { ...options, nodeArgs }).finished;
    const [file] = await readdir(dir);
    if (exitCode !== 0 || file === undefined)
      throw new Error(`there is no profile; exit ${String(exitCode)}: ${stderr.slice(-2000)}`);
    const profile = v.parse(Profile, JSON.parse(await readFile(join(dir, file), 'utf8')));
    return sharesOf(profile, filesOf(await readFile(named, 'utf8')), await realpath(named));
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Most first. */
export interface Shares {
  readonly byFunction: readonly Share[];
  readonly byPart: readonly Share[];
  /** Of our own files, together. */
  readonly own: number;
}

/** @param files by line of the bundle: which file it comes from */
export function sharesOf({ nodes, samples, timeDeltas }: Profile, files: FileOfLine, bundle: string): Shares {
  const placed = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame, files, bundle)]));
  const took = { byFunction: new Map<string, number>(), byPart: new Map<string, number>() };
  let all = 0;
  let own = 0;
  samples.forEach((id, index) => {
    const place = placed.get(id);
    const us = timeDeltas[index] ?? 0;
    if (!place || place.part === IDLE) return;
    for (const [sums, where] of [
      [took.byFunction, place.name],
      [took.byPart, place.part],
    ] as const)
      sums.set(where, (sums.get(where) ?? 0) + us);
    all += us;
    if (place.isOwn) own += us;
  });
  const shares = (sums: ReadonlyMap<string, number>) =>
    [...sums].map(([where, us]) => ({ where, part: us / all })).toSorted((a, b) => b.part - a.part);
  return { byFunction: shares(took.byFunction), byPart: shares(took.byPart), own: own / all };
}

function placeOf(frame: Profile['nodes'][number]['callFrame'], files: FileOfLine, bundle: string) {
  const { functionName, url, lineNumber } = frame;
  // `(garbage collector)`, `(program)`: what is in no function.
  if (functionName.startsWith('(')) return { name: functionName, part: functionName, isOwn: false };
  const isOurs = url.startsWith('file:') && fileURLToPath(url) === bundle;
  const file = isOurs ? files(lineNumber) : url;
  const name = functionName === '' ? 'a function' : functionName;
  return {
    name: `${name}, ${file === '' ? 'V8’s' : basename(file)}`,
    part: partOf(file),
    isOwn: isOurs && !file.includes('node_modules/'),
  };
}

function partOf(file: string): string {
  if (file === '') return 'V8’s own';
  if (file.startsWith('node:')) return 'Node.js’s own';
  return /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file)?.[1] ?? file;
}

/** @returns '' where that is not known */
export type FileOfLine = (line: number) => string;

/** esbuild writes above each file's part of a bundle which one it is. @returns by line, from 0 */
export function filesOf(bundle: string): FileOfLine {
  const found: string[] = [];
  let file = '';
  for (const line of bundle.split('\n')) {
    file = /^\s*\/\/ (\S+\.[cm]?[jt]s)$/.exec(line)?.[1] ?? file;
    found.push(file);
  }
  return (line) => found[line] ?? '';
}

/** @param what was profiled, and how: the table’s heading */
export function profileTable(what: string, shares: readonly Share[]): Table {
  const named = shares.filter(({ part }) => part >= LEAST_PART);
  const rest = shares.filter(({ part }) => part < LEAST_PART).reduce((sum, { part }) => sum + part, 0);
  const percent = (part: number) => `${(part * 100).toFixed(0)} %`;
  return {
    head: [what, 'of the time'],
    rows: [
      ...named.map(({ where, part }) => [where.replace(/^([^,(]+),/, '`$1`,'), percent(part)]),
      ['all others, each less than 1.5 %', percent(rest)],
    ],
  };
}
