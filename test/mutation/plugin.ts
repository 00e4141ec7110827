/** A test runner for Stryker, which it loads into a process of its own: vitest, kept running (`inside/room-runner.ts`). */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { createVitest, type TestSpecification, type Vitest } from 'vitest/node';
import {
  type Question,
  type Reply,
  type TestId,
  type TestOutcome,
  TO_PROGRAM,
  TO_TESTS,
} from './messages.ts';

/** Of Stryker's TestRunner what is used here: `@stryker-mutator/api`, test-runner. */
interface MutantRunOptions {
  readonly activeMutant: { readonly id: string };
  readonly testFilter?: readonly TestId[];
  readonly hitLimit?: number;
}

const FIRST = 'start.ts';
/** In the sandbox: these outlive a process. */
const SPOILERS = 'changes-that-spoil.txt';
const GREEDY = 'changes-that-take-all-memory.txt';
const TIMES = 'test-times.json';
const QUICK_MS = 50;
const SLOW_MS = 500;
/** What that much of a room's tests doesn't notice has survived: the slowest hardly ever find what no other has found. */
const LONGEST_MS = 8_000;
/** A longer test might be stopped on a busy machine without a change's doing (half of what it may take: `inside/room-runner.ts`). */
const TEST_MS_MAX = 4_000;
/** Many times what any room's tests take: an endless change that collects something takes all that the machine has. */
const MEMORY_MAX_BYTES = 3 * 2 ** 30;
const MEMORY_EVERY_MS = 100;

class RoomTestRunner {
  readonly #program = new BroadcastChannel(TO_PROGRAM);
  readonly #tests = new BroadcastChannel(TO_TESTS);
  #vitest: Vitest | undefined;
  #files: readonly string[] = [];
  #replied: (reply: Reply) => void = () => undefined;
  /** Which is tried. */
  #change = '';

  capabilities() {
    return { reloadEnvironment: false };
  }

  async init(): Promise<void> {
    this.#program.onmessage = ({ data }: { data: Reply }) => {
      this.#replied(data);
    };
    const ready = this.#reply();
    this.#vitest = await createVitest('test', {
      config: 'test/mutation/vitest.config.ts',
      watch: false,
      onConsoleLog: () => false,
    });
    const all = await this.#vitest.globTestSpecifications();
    const first = all.filter(isFirst);
    this.#files = all
      .filter((one) => !isFirst(one))
      .map(({ moduleId }) => relative('.', moduleId))
      .sort();
    setInterval(() => {
      this.#leaveBeforeAllMemoryIsGone();
    }, MEMORY_EVERY_MS).unref();
    // It ends when it is told to.
    void this.#vitest.runTestSpecifications(first);
    await ready;
  }

  async dryRun() {
    const reply = await this.#ask({ kind: 'all', files: this.#files });
    if (reply.kind !== 'all') throw new Error(`the tests answered ${reply.kind}`);
    writeFileSync(TIMES, JSON.stringify(Object.fromEntries(reply.tests.map(({ id, ms }) => [id, ms]))));
    return { status: 'complete', tests: reply.tests.map(toTestResult), mutantCoverage: reply.coverage };
  }

  async mutantRun({ activeMutant, testFilter = [], hitLimit }: MutantRunOptions) {
    if (linesOf(GREEDY).includes(activeMutant.id))
      return { status: 'timeout', reason: 'it takes all memory' };
    this.#change = activeMutant.id;
    const limit = hitLimit === undefined ? {} : { hitLimit };
    const reply = await this.#ask({
      kind: 'change',
      change: activeMutant.id,
      lots: quickestFirst(testFilter),
      ...limit,
    });
    if (reply.kind !== 'change') throw new Error(`the tests answered ${reply.kind}`);
    const { ran: nrOfTests, failed, isEndless, isSpoilt } = reply;
    if (!failed) return { status: 'survived', nrOfTests };
    if (isSpoilt && !hasSpoiltBefore(activeMutant.id))
      throw new Error('what failed fails without the change, too');
    const failureMessage = failed.failure ?? '';
    if (isEndless || /timed out in \d+ms/.test(failureMessage))
      return { status: 'timeout', reason: failureMessage };
    return { status: 'killed', killedBy: [failed.id], failureMessage, nrOfTests };
  }

  async dispose(): Promise<void> {
    this.#tests.postMessage({ kind: 'stop' });
    await this.#vitest?.close();
    this.#tests.close();
    this.#program.close();
  }

  /** Stryker begins another process, and tries the change once more there: it is told then. */
  #leaveBeforeAllMemoryIsGone(): void {
    if (process.memoryUsage.rss() < MEMORY_MAX_BYTES) return;
    appendFileSync(GREEDY, `${this.#change}\n`);
    process.exit(1);
  }

  #ask(question: Question): Promise<Reply> {
    const reply = this.#reply();
    this.#tests.postMessage(question);
    return reply;
  }

  #reply(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#replied = (reply) => {
        if (reply.kind === 'broken') reject(new Error(reply.why));
        else resolve(reply);
      };
    });
  }
}

function isFirst({ moduleId }: TestSpecification): boolean {
  return basename(moduleId) === FIRST;
}

/** What a short test finds no long one need: these come first, whatever their file. */
function quickestFirst(tests: readonly TestId[]): TestId[][] {
  // It is written by dryRun alone.
  const times = JSON.parse(readFileSync(TIMES, 'utf8')) as Partial<Record<TestId, number>>;
  const lots: TestId[][] = [[], [], []];
  let together = 0;
  for (const id of [...tests].sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0))) {
    const ms = times[id] ?? 0;
    together += ms;
    if (ms > TEST_MS_MAX || together > LONGEST_MS) break;
    lots[Number(ms >= QUICK_MS) + Number(ms >= SLOW_MS)]?.push(id);
  }
  return lots;
}

/** Stryker tries again in a fresh process what throws: if it fails there, too, it is the change after all. */
function hasSpoiltBefore(change: string): boolean {
  if (linesOf(SPOILERS).includes(change)) return true;
  appendFileSync(SPOILERS, `${change}\n`);
  return false;
}

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
}

/** Stryker counts lines and columns from 0. */
function toTestResult({ id, name, file, ms, place, failure }: TestOutcome) {
  const startPosition = place && { line: place.line - 1, column: place.column - 1 };
  const base = { id, name, fileName: file, timeSpentMs: ms, ...(startPosition ? { startPosition } : {}) };
  return failure === undefined ? { ...base, status: 0 } : { ...base, status: 1, failureMessage: failure };
}

export const strykerPlugins = [
  { kind: 'TestRunner', name: 'room', factory: Object.assign(() => new RoomTestRunner(), { inject: [] }) },
];
