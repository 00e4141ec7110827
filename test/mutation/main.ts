/**
 * `npm run mutate [-- [--jobs N] ROOM | FILE …]`: changes the code in every way that Stryker knows, one change at a time, and
 * looks whether the room's own tests notice. A whole room's figures go into docs/RELIABILITY.md.
 *
 * Exit codes: 0, every room reached {@link SCORE_MIN}; 1, one didn't; 2, there is no such room or file.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { EQUIVALENT } from './equivalent.ts';
import { writeFigures } from './figures.ts';
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
/** A test that a change has made endless is stopped after twice its usual time, and this. */
const TIMEOUT_MS = 10_000;

interface Part {
  readonly room: Room;
  /** Patterns. */
  readonly files: readonly string[];
  readonly isWhole: boolean;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

async function mutate(room: Room, files: readonly string[], jobs: number): Promise<readonly Mutant[]> {
  process.env.CALLSPOOL_MUTATED_ROOM = room;
  const stryker = new Stryker({
    mutate: [...files],
    plugins: [resolve('test/mutation/plugin.ts')],
    testRunner: 'room',
    testRunnerNodeArgs: ['--import', 'tsx'],
    coverageAnalysis: 'perTest',
    // What is made once a process can't be changed between tests; it is a table of constants nearly always.
    ignoreStatic: true,
    reporters: ['progress-append-only'],
    concurrency: jobs,
    timeoutMS: TIMEOUT_MS,
    ignorePatterns: ['dist', 'local-out', 'cdktf.out*', 'bench'],
    allowConsoleColors: false,
  });
  return stryker.runMutationTest();
}

async function run({ room, files, isWhole }: Part, jobs: number): Promise<boolean> {
  const results = await mutate(room, files, jobs);
  for (const survivor of await survivorsOf(results, EQUIVALENT)) say(survivor);
  const counts: Counts = countsOf(results, await isEquivalent(results, EQUIVALENT));
  say(`${files.join(' ')}: ${inWords(counts)}`);
  if (isWhole) await writeFigures(room, counts);
  return scoreOf(counts) >= SCORE_MIN;
}

/** @returns what there is to mutate, by room; undefined when a word is neither a room nor a file in one. */
function asked(words: readonly string[]): Part[] | undefined {
  const whole = (room: Room) => ({ room, files: [`${room}/**/*.ts`], isWhole: true });
  if (words.length === 0) return ROOMS.map(whole);
  const parts = words.map((word) => {
    const room = ROOMS.find((one) => word === one || word.startsWith(`${one}/`));
    if (room === undefined || !existsSync(word)) return undefined;
    return word === room
      ? whole(room)
      : { room, files: [word.endsWith('.ts') ? word : `${word}/**/*.ts`], isWhole: false };
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { jobs: { type: 'string', default: String(availableParallelism()) } },
    allowPositionals: true,
  });
  const parts = asked(positionals);
  const jobs = Number(values.jobs);
  if (parts === undefined || !(Number.isInteger(jobs) && jobs > 0)) {
    process.stderr.write(
      `mutate: name rooms (${ROOMS.join(', ')}), or files and folders in them; --jobs N\n`,
    );
    return EXIT.usage;
  }
  let isWell = true;
  for (const part of parts) isWell = (await run(part, jobs)) && isWell;
  return isWell ? EXIT.ok : EXIT.failed;
}

process.exitCode = await main(process.argv.slice(2));
