/**
 * `npm run mutate [-- [--jobs N] [--fresh] ROOM | FOLDER | 'FOLDER/*.ts' | FILE …]`: changes the code in every way that Stryker knows,
 * one change at a time, and looks whether the room's own tests notice. The figures go into docs/RELIABILITY.md, but for a single file's.
 *
 * Exit codes: 0, every room reached {@link SCORE_MIN}; 1, one didn't; 2, there is no such room or file.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { EQUIVALENT } from './equivalent.ts';
import { commitOf, writeFigures } from './figures.ts';
import {
  type Counts,
  countsOf,
  inWords,
  isEquivalent,
  type Mutant,
  type Room,
  ROOMS,
  scoreOf,
  survivorsOf,
} from './score.ts';

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
const SCORE_MIN = 90;
/** The end of a word that asks for what stands in a folder itself. */
const OWN_FILES = '/*.ts';
/** A test that a change has made endless is stopped after twice its usual time, and this. */
const TIMEOUT_MS = 10_000;
/** All tests of a room, once, on a busy machine. */
const DRY_RUN_MINUTES_MAX = 60;

interface Part {
  readonly room: Room;
  /** A pattern. */
  readonly files: string;
  readonly isIn: (file: string) => boolean;
  /** What its figures are kept by. Undefined: a single file, whose figures nobody keeps. */
  readonly name: string | undefined;
}

interface How {
  readonly jobs: number;
  /** Forgets what was found before. */
  readonly isFresh: boolean;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

/** What came of all the changes of some parts of a room: its code is loaded and its tests are tried but once for them. */
async function mutate(
  room: Room,
  parts: readonly Part[],
  { jobs, isFresh }: How,
): Promise<readonly Mutant[]> {
  process.env.CALLSPOOL_MUTATED_ROOM = room;
  const stryker = new Stryker({
    mutate: parts.map(({ files }) => files),
    plugins: [resolve('test/mutation/plugin.ts')],
    testRunner: 'room',
    testRunnerNodeArgs: ['--import', 'tsx'],
    coverageAnalysis: 'perTest',
    // What is made once a process can't be changed between tests; it is a table of constants nearly always.
    ignoreStatic: true,
    // What was found of a change holds as long as neither its place nor the tests that come there have changed.
    incremental: true,
    incrementalFile: `local-out/mutation/${room}.json`,
    force: isFresh,
    reporters: ['progress-append-only'],
    concurrency: jobs,
    timeoutMS: TIMEOUT_MS,
    dryRunTimeoutMinutes: DRY_RUN_MINUTES_MAX,
    ignorePatterns: ['dist', 'local-out', 'cdktf.out*', 'bench'],
    allowConsoleColors: false,
  });
  return stryker.runMutationTest();
}

async function run(room: Room, parts: readonly Part[], how: How): Promise<boolean> {
  const commits = parts.map(({ name, files }) => commitOf(name ?? files));
  const results = await mutate(room, parts, how);
  let isWell = true;
  for (const [index, part] of parts.entries())
    isWell = (await tell(part, results, commits[index] ?? '')) && isWell;
  return isWell;
}

/** @param all of the room, as far as they were tried, now or before. @returns whether enough of the part's were found */
async function tell({ files, name, isIn }: Part, all: readonly Mutant[], commit: string): Promise<boolean> {
  const results = all.filter(({ fileName }) => isIn(relative('.', fileName)));
  for (const survivor of await survivorsOf(results, EQUIVALENT)) say(survivor);
  const counts: Counts = countsOf(results, await isEquivalent(results, EQUIVALENT));
  say(`${files}: ${inWords(counts)}`);
  if (name !== undefined) await writeFigures(name, counts, commit);
  return scoreOf(counts) >= SCORE_MIN;
}

/** @returns what there is to mutate, by room; undefined when a word is neither a room nor something in one. */
function asked(words: readonly string[]): Part[] | undefined {
  if (words.length === 0) return ROOMS.map((room) => folderOf(room, room));
  const parts = words.map((word) => {
    const room = ROOMS.find((one) => word === one || word.startsWith(`${one}/`));
    const place = word.endsWith(OWN_FILES) ? word.slice(0, -OWN_FILES.length) : word;
    if (room === undefined || !existsSync(place)) return undefined;
    if (place !== word) return ownFilesOf(room, place);
    return word.endsWith('.ts') ? fileOf(room, word) : folderOf(room, word);
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

function folderOf(room: Room, path: string): Part {
  return { room, files: `${path}/**/*.ts`, isIn: (file) => file.startsWith(`${path}/`), name: path };
}

/** Without what stands in its folders. */
function ownFilesOf(room: Room, path: string): Part {
  const files = `${path}${OWN_FILES}`;
  return { room, files, isIn: (file) => dirname(file) === path, name: files };
}

function fileOf(room: Room, path: string): Part {
  return { room, files: path, isIn: (file) => file === path, name: undefined };
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      jobs: { type: 'string', default: String(availableParallelism()) },
      fresh: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const parts = asked(positionals);
  const jobs = Number(values.jobs);
  if (parts === undefined || !(Number.isInteger(jobs) && jobs > 0)) {
    process.stderr.write(
      `mutate: name rooms (${ROOMS.join(', ')}), or files, folders and 'FOLDER/*.ts' in them; --jobs N, --fresh\n`,
    );
    return EXIT.usage;
  }
  let isWell = true;
  for (const room of ROOMS) {
    const own = parts.filter((part) => part.room === room);
    if (own.length > 0) isWell = (await run(room, own, { jobs, isFresh: values.fresh })) && isWell;
  }
  return isWell ? EXIT.ok : EXIT.failed;
}

process.exitCode = await main(process.argv.slice(2));
