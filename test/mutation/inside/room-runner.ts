/**
 * A vitest runner that doesn't end: it loads the room's code once, and runs its tests again for each change. Stryker's own
 * runner loads everything anew for each, which takes seconds where the tests that are asked for take milliseconds.
 */
import { resolve } from 'node:path';
import { startTests } from 'vitest/internal/browser';
import { VitestTestRunner } from 'vitest/runners';
import {
  type Question,
  type Reply,
  type Request,
  type TestId,
  type TestOutcome,
  TO_PROGRAM,
  TO_TESTS,
} from '../messages.ts';
import * as changes from './changes.ts';
import { byFile, failureOf, idOf, keepOnly, outcomesOf } from './tasks.ts';

type File = Awaited<ReturnType<typeof startTests>>[number];
type Task = Parameters<VitestTestRunner['onBeforeRunTask']>[0];
type Suite = Parameters<VitestTestRunner['onBeforeRunSuite']>[0];
type Source = Parameters<VitestTestRunner['importFile']>[1];

/** Less than Stryker waits: a test that a change has made wait for ever needn't cost a new process. */
const TEST_MS_MAX = 8_000;
/** Of a test of the code as it is, however busy the machine: one that takes long isn't asked afterwards (`plugin.ts`). */
const UNCHANGED_MS_MAX = 120_000;

interface Run {
  /** Undefined: all. */
  readonly wanted?: ReadonlySet<TestId>;
  /** Undefined: the code as it is. */
  readonly change?: { readonly id: string; readonly hitLimit: number | undefined };
  hasFailed: boolean;
}

export default class RoomRunner extends VitestTestRunner {
  #run: Run | undefined;
  #hasBegun = false;

  /** A test file is evaluated anew each time, what it imports isn't. */
  override importFile(path: string, source: Source): unknown {
    return super.importFile(path, source === 'collect' && this.#run ? 'setup' : source);
  }

  override async onBeforeRunSuite(suite: Suite): Promise<void> {
    if (this.#run?.hasFailed) suite.mode = 'skip';
    await super.onBeforeRunSuite(suite);
  }

  override async onBeforeRunTask(test: Task): Promise<void> {
    if (this.#run?.hasFailed) test.mode = 'skip';
    await super.onBeforeRunTask(test);
    if (test.type === 'test' && (test.mode === 'run' || test.mode === 'queued'))
      changes.belongsTo(idOf(test));
  }

  override onAfterRunTask(test: Task): void {
    super.onAfterRunTask(test);
    changes.belongsTo(undefined);
    if (this.#run?.change && test.result?.state === 'fail') this.#run.hasFailed = true;
  }

  /** Vitest waits for what it returns, though its type doesn't say so. */
  override onAfterRunFiles(): unknown {
    super.onAfterRunFiles();
    if (this.#hasBegun) return undefined;
    this.#hasBegun = true;
    this.#keepToItself();
    return this.#serve();
  }

  /** Vitest has set hooks of its own, which report to its main thread: of these runs it need know nothing. */
  #keepToItself(): void {
    Object.assign(this, {
      onTaskUpdate: () => Promise.resolve(),
      onCollectStart: (file: File) => {
        super.onCollectStart(file);
      },
      onCollected: (files: readonly File[]) => {
        const { wanted, change } = this.#run ?? {};
        for (const file of files) if (wanted) keepOnly(file, wanted);
        if (change) changes.holds(change.id, change.hitLimit);
      },
      onAfterRunFiles: () => {
        super.onAfterRunFiles();
      },
    });
  }

  async #serve(): Promise<void> {
    const program = new BroadcastChannel(TO_PROGRAM);
    const channel = new BroadcastChannel(TO_TESTS);
    const answer = (reply: Reply) => {
      program.postMessage(reply);
    };
    await new Promise<void>((stop) => {
      channel.onmessage = ({ data }: { data: Request }) => {
        if (data.kind === 'stop') stop();
        else
          this.#answerTo(data).then(answer, (error: unknown) => {
            answer({ kind: 'broken', why: String(error) });
          });
      };
      answer({ kind: 'ready' });
    });
    channel.close();
    program.close();
  }

  async #answerTo(request: Question): Promise<Reply> {
    if (request.kind === 'all') {
      const tests: TestOutcome[] = [];
      for (const file of request.files)
        tests.push(...outcomesOf(await this.#runFile(file, { hasFailed: false })));
      const { perTest, static: outside } = changes.takePassed();
      // What a test file does outside of its tests it does each time, unlike what it imports.
      for (const file of request.files) await this.#runFile(file, { wanted: new Set(), hasFailed: false });
      const again = changes.takePassed().static;
      return { kind: 'all', tests, coverage: { perTest, static: changes.onceOnly(outside, again, perTest) } };
    }
    changes.forgetHits();
    let ran = 0;
    for (const [file, wanted] of request.lots.flatMap((lot) => [...byFile(lot)])) {
      const change = { id: request.change, hitLimit: request.hitLimit };
      const outcomes = outcomesOf(await this.#runFile(file, { wanted, change, hasFailed: false }));
      ran += outcomes.length;
      const failed = outcomes.find(({ failure }) => failure !== undefined);
      if (failed) return { kind: 'change', ran, failed, ...(await this.#after(failed)) };
    }
    return { kind: 'change', ran, isEndless: false, isSpoilt: false };
  }

  /** Looks whether what failed passes again without the change: else it may not have been the change that it told. */
  async #after(failed: TestOutcome): Promise<{ isEndless: boolean; isSpoilt: boolean }> {
    const isEndless = changes.isEndless();
    const again = await this.#runFile(failed.file, { wanted: new Set([failed.id]), hasFailed: false });
    return { isEndless, isSpoilt: outcomesOf(again).some(({ failure }) => failure !== undefined) };
  }

  async #runFile(file: string, run: Run): Promise<File> {
    this.#run = run;
    this.config.testTimeout = run.change ? TEST_MS_MAX : UNCHANGED_MS_MAX;
    try {
      const [done] = await startTests([resolve(file)], this);
      if (!done) throw new Error(`${file} gave no tests`);
      if (failureOf(done) !== undefined && !run.change) throw new Error(`${file}: ${failureOf(done) ?? ''}`);
      return done;
    } finally {
      changes.holdsNone();
      this.#run = undefined;
    }
  }
}
