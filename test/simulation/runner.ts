/** The processes of a run: executions of the workflow, and the tasks and assemblies that they start. */
import type { AssembleInput } from '../../contract/workflow.ts';
import { assembleRecording } from '../../functions/assemble/assemble.ts';
import type { MemoryCalls } from '../../ports/calls/memory-calls.ts';
import type { Claim } from '../../ports/checkpoints/checkpoints.ts';
import type { Segment } from '../../ports/tape/tape.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import { record } from '../../task/record.ts';
import type { RecorderSettings } from '../../task/recorder-ports.ts';
import { watchedClock } from '../../task/watchdog.ts';
import type { Random } from '../support/random.ts';
import type { SimulatedClock } from '../support/simulated-clock.ts';
import { holds, type ItemWrite } from './condition.ts';
import { execute } from './execution.ts';
import type { Injector } from './injector.ts';
import type { SimulatedFeed } from './listening.ts';
import { type AllPorts, portsOf, type Services } from './ports.ts';
import { HUNG_AFTER_MS, never, SIGKILLED, SimulatedProcess } from './process.ts';
import type { Scenario } from './scenario.ts';
import type { TrueRecording } from './stream.ts';

/** What a recording's execution has come to. */
export interface RunningExecution {
  readonly arn: string;
  readonly of: TrueRecording;
  /** A resumption by the program's own code; the others are begun by the scenario. */
  readonly isResumption: boolean;
  over: boolean;
  /** Epoch ms. */
  overAtMs?: number;
  /** Somebody has stopped it. */
  stopped: boolean;
  succeeded: boolean;
  /** Invocations of its assembly that have failed. */
  assemblyFailures: number;
  taskFailures: number;
  markedFailed: boolean;
}

export interface RunnerOptions {
  readonly scenario: Scenario;
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly injector: Injector;
  readonly services: Services;
  readonly calls: MemoryCalls;
  /** Alters a process's ports. */
  readonly adapt: (ports: AllPorts) => AllPorts;
  /** What the workflow makes of a task's exit code. */
  readonly exitCode: (code: number) => number;
  /** Retries of the Assemble state; the definition's own when undefined. */
  readonly assemblyRetriesMax: number | undefined;
  /** Whether the workflow's own FAILED is written, where its condition says so or doesn't. */
  readonly isMarkedFailed: (isAllowed: boolean) => boolean;
  /** Told when a workflow has said FAILED by itself, at that moment. */
  readonly markedFailed: (execution: RunningExecution) => void;
  /** Told of each write in a claim's name, when it takes effect. */
  readonly wrote: (claim: Claim) => void;
  /** Told of each tape object, when it is there. */
  readonly stored: (segment: Segment, by: SimulatedProcess) => void;
  /** Told of each record that an assembly completes. */
  readonly completed: (recording: Recording, by: SimulatedProcess) => void;
  /** @returns undefined where nobody listens */
  readonly openFeed: (process: SimulatedProcess, of: TrueRecording) => SimulatedFeed | undefined;
  /** Told when a task's process is gone. */
  readonly taskGone: () => void;
}

const STORE_AFTER_SIGTERM_MS = 60_000;
export const LAMBDA_MS = 900_000;
/** Step Functions hears of a task's end from ECS. */
const NOTICE_MS = 300;
const EXIT = { ended: 0, foreign: 0, superseded: 3, interrupted: 143 } as const;
const FAILED = 1;

export class Runner {
  readonly executions: RunningExecution[] = [];
  readonly #options: RunnerOptions;
  readonly #tasks = new Set<SimulatedProcess>();
  readonly #assemblies = new Set<SimulatedProcess>();
  readonly #terminations = new Map<SimulatedProcess, () => void>();
  readonly #orphans = new Map<SimulatedProcess, () => void>();
  /** Processes that the workflow knows nothing of any more. */
  readonly #forsaken = new WeakSet<SimulatedProcess>();
  #isRefused = false;
  #names = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  get isOver(): boolean {
    const hasBegun = this.executions.length > 0 || this.#isRefused;
    return hasBegun && this.executions.every(({ over }) => over);
  }

  /** A recording was erased before its execution could begin. */
  refuse(): void {
    this.#isRefused = true;
  }

  /** Whether no assembly is left that the workflow has given up. */
  get isQuiet(): boolean {
    return this.isOver && this.#assemblies.size === 0;
  }

  /** Nor a task. */
  get isEmpty(): boolean {
    return this.isQuiet && this.#tasks.size === 0;
  }

  /** SIGKILL to every task. */
  kill(): void {
    for (const task of [...this.#tasks]) task.exit(SIGKILLED);
  }

  /** SIGTERM to every task. */
  terminate(): void {
    for (const terminate of [...this.#terminations.values()]) terminate();
  }

  /** The workflow takes a process for dead that isn't. */
  orphan(process: SimulatedProcess): void {
    this.#orphans.get(process)?.();
    this.#forsaken.add(process);
  }

  /** StopExecution: its tasks get SIGTERM; its assembly, a function's invocation, can't be stopped. */
  stop(of: TrueRecording): void {
    for (const execution of this.executions) {
      if (execution.of !== of || execution.over) continue;
      execution.stopped = true;
      this.#isOver(execution);
      for (const [process, terminate] of [...this.#terminations])
        if (process.executionArn === execution.arn && !this.#forsaken.has(process)) terminate();
    }
  }

  #isOver(execution: RunningExecution): void {
    execution.over = true;
    execution.overAtMs = this.#options.clock.now();
  }

  startedAt({ startMs }: TrueRecording): string {
    return new Date(startMs + this.#options.scenario.call.startedAtMs).toISOString();
  }

  execute(of: TrueRecording, arn: string, isResumption = false): void {
    const { retriesMax } = this.#options.scenario.service;
    const execution: RunningExecution = {
      arn,
      of,
      isResumption,
      over: false,
      stopped: false,
      succeeded: false,
      assemblyFailures: 0,
      taskFailures: 0,
      markedFailed: false,
    };
    this.executions.push(execution);
    const running = new Set<() => void>();
    const resources = {
      runTask: () => this.#trackedTask(execution, running),
      assemble: () => this.#trackedAssembly(execution, running),
      markFailed: (update: ItemWrite) => this.#markFailed(execution, update),
      stop: () => {
        for (const stop of running) stop();
      },
    };
    void execute({
      clock: this.#options.clock,
      random: this.#options.random,
      resources,
      spot: true,
      longestCallMs: this.#options.scenario.settings.longestCallMs,
      retriesMax,
      assemblyRetriesMax: this.#options.assemblyRetriesMax,
    }).then((succeeded) => {
      if (isStopped(execution)) return;
      this.#isOver(execution);
      execution.succeeded = succeeded;
    });
  }

  async #trackedTask(execution: RunningExecution, running: Set<() => void>): Promise<void> {
    await this.#options.clock.sleep(this.#options.scenario.service.launchMs);
    if (isStopped(execution)) return never();
    if (this.#options.injector.isOut('ecs')) {
      execution.taskFailures += 1;
      throw new Error('ECS.AmazonECSException');
    }
    let stop: () => void = () => undefined;
    const code = await this.runTask(execution.arn, execution.of, (kill) => {
      stop = kill;
      running.add(kill);
    });
    running.delete(stop);
    await this.#options.clock.sleep(this.#options.random.integer(0, NOTICE_MS));
    if (isStopped(execution)) return never();
    if (this.#options.exitCode(code) === 0) return;
    execution.taskFailures += 1;
    throw Object.assign(new Error(`exit code ${code}`), { name: 'States.TaskFailed' });
  }

  /** @returns the exit code; or one of failure as soon as the workflow takes the task for dead. */
  runTask(executionArn: string, of: TrueRecording, onStart: (kill: () => void) => void): Promise<number> {
    return new Promise((resolve) => {
      const { process, ports } = this.#process('task', executionArn, (code) => {
        this.#options.taskGone();
        resolve(code);
      });
      this.#tasks.add(process);
      const feed = this.#options.openFeed(process, of);
      onStart(() => {
        process.exit(SIGKILLED);
      });
      const controller = new AbortController();
      this.#terminations.set(process, () => {
        controller.abort();
        void this.#options.clock.sleep(STORE_AFTER_SIGTERM_MS).then(() => {
          process.exit(EXIT.interrupted);
        });
      });
      const settings = this.#settings(of, executionArn);
      const clock = watchedClock(ports.clock, this.#watchdog(process));
      const recorderPorts = { ...ports, clock, ...(feed && { feed }) };
      record(recorderPorts, settings, controller.signal).then(
        async (outcome) => {
          if (feed && outcome === 'ended') await feed.done();
          process.hasLeft = true;
          process.exit(EXIT[outcome]);
        },
        () => {
          process.hasLeft = true;
          process.exit(FAILED);
        },
      );
    });
  }

  #settings(of: TrueRecording, executionArn: string): RecorderSettings {
    return {
      ...this.#options.scenario.settings,
      recording: of.recording,
      streamArn: 'stream',
      startedAtMs: Date.parse(this.startedAt(of)),
      executionArn,
    };
  }

  #watchdog(process: SimulatedProcess): () => void {
    let movedAtMs = this.#options.clock.now();
    const watch = async (): Promise<void> => {
      while (!process.isDead) {
        const leftMs = movedAtMs + HUNG_AFTER_MS - this.#options.clock.now();
        if (leftMs <= 0 && !process.isFrozen) process.exit(3);
        else await this.#options.clock.sleep(Math.max(1_000, leftMs));
      }
    };
    void watch();
    return () => {
      movedAtMs = this.#options.clock.now();
    };
  }

  #process(kind: string, executionArn: string, onExit: (code: number) => void) {
    const name = `${kind} ${(this.#names += 1)}`;
    const exited = (code: number) => {
      this.#tasks.delete(process);
      this.#assemblies.delete(process);
      this.#terminations.delete(process);
      this.#orphans.delete(process);
      onExit(code);
    };
    const process = new SimulatedProcess(name, executionArn, exited);
    this.#orphans.set(process, () => {
      onExit(SIGKILLED);
    });
    const ports = portsOf(this.#options.services, this.#options.injector, process, {
      wrote: this.#options.wrote,
      stored: this.#options.stored,
      completed: this.#options.completed,
    });
    return { process, ports: this.#options.adapt(ports) };
  }

  async #trackedAssembly(execution: RunningExecution, running: Set<() => void>): Promise<string> {
    if (isStopped(execution)) return never();
    const { contactId, startFragmentNumber } = execution.of.recording;
    const input: AssembleInput = {
      recordingId: recordingId(execution.of.recording),
      contactId,
      startFragmentNumber: startFragmentNumber.toString(),
      streamArn: 'stream',
      startedAt: this.startedAt(execution.of),
      instanceArn: 'instance',
      executionArn: execution.arn,
    };
    try {
      return await this.#assemble(input, running);
    } catch (error) {
      execution.assemblyFailures += 1;
      throw error;
    }
  }

  #assemble(input: AssembleInput, running: Set<() => void>): Promise<string> {
    return new Promise((resolve, reject) => {
      const { process, ports } = this.#process('assembly', input.executionArn, (code) => {
        reject(new Error(`Lambda.Unknown: exit code ${code}`));
      });
      this.#assemblies.add(process);
      running.add(() => {
        process.exit(SIGKILLED);
      });
      void this.#options.clock.sleep(LAMBDA_MS).then(() => {
        process.exit(SIGKILLED);
      });
      assembleRecording(ports, input).then(
        ({ status }) => {
          process.hasLeft = true;
          resolve(status);
          process.exit(0);
        },
        (error: unknown) => {
          process.hasLeft = true;
          reject(error instanceof Error ? error : new Error(String(error)));
          process.exit(FAILED);
        },
      );
    });
  }

  /** The workflow's own write, on the condition that the definition states. */
  async #markFailed(execution: RunningExecution, update: ItemWrite): Promise<void> {
    const { injector, calls, clock } = this.#options;
    await clock.sleep(0);
    if (isStopped(execution)) return never();
    if (injector.isOut('dynamodb')) throw new Error('DynamoDB.InternalServerErrorException');
    const { contactId, startFragmentNumber } = execution.of.recording;
    const key = { contactId, startFragmentNumber: startFragmentNumber.toString() };
    const item = calls.item(key);
    if (!this.#options.isMarkedFailed(holds(update, item, execution.arn)))
      throw Object.assign(new Error('refused'), { name: 'DynamoDB.ConditionalCheckFailedException' });
    const why = 'The assembly failed again and again.';
    calls.tamper(key, { ...item, status: 'FAILED', why, error: '{}' });
    execution.markedFailed = true;
    this.#options.markedFailed(execution);
  }
}

/** Asks how it is now: it may be stopped whenever something is waited for. */
function isStopped({ stopped }: RunningExecution): boolean {
  return stopped;
}
