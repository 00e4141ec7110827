/** A run: the services, the workflow and the program's own code, in simulated time, under a scenario's faults. */
import type { Claim } from '../../ports/checkpoints.ts';
import type { Segment } from '../../ports/tape.ts';
import { assembleRecording } from '../../functions/assembly/assemble.ts';
import { MemoryArchive } from '../../ports/memory-archive.ts';
import { MemoryCalls } from '../../ports/memory-calls.ts';
import { type CheckpointWrite, MemoryCheckpoints } from '../../ports/memory-checkpoints.ts';
import { MemoryContacts } from '../../ports/memory-contacts.ts';
import { MemoryEvents } from '../../ports/memory-events.ts';
import { MemoryMedia } from '../../ports/memory-media.ts';
import { MemoryRecordings } from '../../ports/memory-recordings.ts';
import { MemoryStream } from '../../ports/memory-stream.ts';
import { MemoryTape } from '../../ports/memory-tape.ts';
import { executionName, type Recording, recordingId } from '../../recording/identity.ts';
import { utcDay } from '../../recording/keys.ts';
import type { AssembleInput } from '../../recording/workflow.ts';
import { record, type RecorderSettings } from '../../task/recorder.ts';
import { seeded } from '../support/random.ts';
import { execute } from './execution.ts';
import { Injector } from './injector.ts';
import { type AllPorts, portsOf, type Services } from './ports.ts';
import { SIGKILLED, SimulatedProcess } from './process.ts';
import type { Fault, Scenario } from './scenario.ts';
import { planOf } from './session-plan.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { CONTACTS, makeStream, START_MS, type TrueRecording, type TrueStream } from './stream.ts';

/** A known bug, switched on from outside: the program itself has no switch. */
export interface Canary {
  readonly name: string;
  /** Alters the code for as long as a run lasts. @returns what undoes it */
  readonly install?: () => () => void;
  /** Alters a process's ports. */
  readonly ports?: (ports: AllPorts, world: World) => AllPorts;
  /** Alters the services themselves. */
  readonly services?: (services: Services, world: World) => Services;
  /** Alters what the workflow makes of a task's exit. */
  readonly exitCode?: (code: number) => number;
}

export interface TapeRecord {
  readonly recording: Recording;
  readonly key: string;
  readonly segment: Segment;
}

/** What a recording's execution has come to. */
export interface RunningExecution {
  readonly arn: string;
  readonly of: TrueRecording;
  over: boolean;
  succeeded: boolean;
  /** Invocations of its assembly that have failed. */
  assemblyFailures: number;
  taskFailures: number;
  markedFailed: boolean;
}

const HUNG_AFTER_MS = 180_000;
const STORE_AFTER_SIGTERM_MS = 60_000;
const LAMBDA_MS = 900_000;
/** Step Functions hears of a task's end from ECS. */
const NOTICE_MS = 300;
const EXIT = { ended: 0, foreign: 0, superseded: 3, interrupted: 143 } as const;
const FAILED = 1;

export class World {
  readonly scenario: Scenario;
  readonly startMs = START_MS;
  readonly stream: TrueStream;
  readonly clock: SimulatedClock;
  readonly injector: Injector;
  readonly tape: MemoryTape;
  readonly checkpoints: MemoryCheckpoints;
  readonly calls: MemoryCalls;
  readonly recordings = new MemoryRecordings();
  readonly events = new MemoryEvents();
  readonly memoryStream: MemoryStream;
  readonly executions: RunningExecution[] = [];
  readonly services: Services;
  /** Told of what happens, for the checks. */
  onCheckpoint: (write: CheckpointWrite) => void = () => undefined;
  onTape: (write: TapeRecord) => void = () => undefined;
  onClaimed: (claim: Claim) => void = () => undefined;
  readonly #random;
  readonly #canary: Canary | undefined;
  readonly #tasks = new Set<SimulatedProcess>();
  readonly #terminations = new Map<SimulatedProcess, () => void>();
  readonly #orphans = new Map<SimulatedProcess, () => void>();
  #names = 0;
  #resumptions = 0;
  #pendingEvents = 0;

  constructor(scenario: Scenario, canary?: Canary) {
    this.scenario = scenario;
    this.#canary = canary;
    this.stream = makeStream(scenario.call);
    this.#random = seeded(scenario.seed ^ 0x5eed);
    this.clock = new SimulatedClock(START_MS, this.#random);
    this.injector = new Injector(scenario, this.clock, this.#random, (process) => {
      this.#orphans.get(process)?.();
    });
    const { keepMs, listingDelayMs, archive } = scenario.service;
    this.memoryStream = new MemoryStream({
      clock: this.clock,
      listingDelayMs,
      ...(keepMs !== undefined && { keepMs }),
    });
    for (const [index, fragment] of this.stream.stored.entries()) {
      this.memoryStream.put(fragment, this.stream.fragments[index]?.availableAtMs);
    }
    this.tape = new MemoryTape();
    this.checkpoints = new MemoryCheckpoints(this.clock, {
      onWrite: (write) => {
        this.onCheckpoint(write);
      },
    });
    this.calls = new MemoryCalls();
    const services = {
      clock: this.clock,
      media: new MemoryMedia(this.memoryStream, (nth) => planOf(scenario, nth, this.injector)),
      archive: new MemoryArchive(this.memoryStream, { retention: archive }),
      tape: {
        append: async (recording: Recording, segment: Segment) => {
          await this.tape.append(recording, segment);
          this.onTape({ recording, key: this.tape.history.at(-1)?.object.key ?? '', segment });
        },
        list: (recording: Recording) => this.tape.list(recording),
        read: (key: string) => this.tape.read(key),
      },
      checkpoints: this.checkpoints,
      calls: this.calls,
      contacts: new MemoryContacts(),
      recordings: this.recordings,
      events: this.events,
    };
    this.services = canary?.services?.(services, this) ?? services;
    this.#schedule(services.contacts);
  }

  /** @returns whether everything came to its end in time. */
  async run(untilMs: number): Promise<boolean> {
    const undo = this.#canary?.install?.();
    try {
      return await this.clock.run(() => this.#isOver(), untilMs);
    } finally {
      undo?.();
      for (const task of this.#tasks) task.exit(SIGKILLED);
    }
  }

  #isOver(): boolean {
    return (
      this.#pendingEvents === 0 && this.executions.length > 0 && this.executions.every(({ over }) => over)
    );
  }

  /** All that happens by itself. */
  #schedule(contacts: MemoryContacts): void {
    const { call, faults } = this.scenario;
    for (const one of this.stream.recordings) {
      // While it flows: of a recording that is over before anybody knows of it, nobody can know.
      const atMs = one.startMs + (one.part === 'next' ? 200 : call.executionAfterMs);
      this.#at(atMs, () => {
        void this.#begin(one);
      });
    }
    const disconnectMs = this.stream.contactEndsMs + call.disconnectAfterMs;
    const disconnectedAt = new Date(disconnectMs).toISOString();
    if (call.eventAfterMs !== undefined) {
      this.#at(disconnectMs + call.eventAfterMs, () => {
        for (const { recording } of this.stream.recordings)
          void this.calls.learn(recording, { disconnectedAt }, disconnectedAt);
      });
    }
    contacts.set(CONTACTS.ours, {});
    if (call.describeAfterMs !== undefined) {
      this.#at(disconnectMs + call.describeAfterMs, () => {
        contacts.set(CONTACTS.ours, { disconnectedAt });
      });
    }
    for (const fault of faults) this.#scheduleFault(fault);
  }

  #scheduleFault(fault: Fault): void {
    const [own] = this.stream.recordings;
    if (!own || !('atMs' in fault) || fault.kind === 'outage') return;
    this.#at(START_MS + fault.atMs, () => {
      this.injector.strike();
      if (fault.kind === 'killAt') for (const task of [...this.#tasks]) task.exit(SIGKILLED);
      if (fault.kind === 'terminate') for (const terminate of [...this.#terminations.values()]) terminate();
      if (fault.kind === 'twin') void this.#runTask(this.#arnOf(own, 0), own, () => undefined);
      if (fault.kind === 'stranger') this.#execute(own, this.#arnOf(own, 90 + this.#resumptions++));
      if (fault.kind === 'handOver') void this.#handOver(own);
    });
  }

  /** An operator's resumption: the checkpoint is handed over, and then the new execution is started. */
  async #handOver(own: TrueRecording): Promise<void> {
    const id = recordingId(own.recording);
    const owner = (await this.checkpoints.read(id))?.owner;
    if (owner === undefined) return;
    const to = this.#arnOf(own, (this.#resumptions += 1));
    if (await this.checkpoints.handOver(id, owner, to)) this.#execute(own, to);
  }

  #at(atMs: number, act: () => void): void {
    this.#pendingEvents += 1;
    void this.clock.sleep(atMs - this.clock.now()).then(() => {
      this.#pendingEvents -= 1;
      act();
    });
  }

  #arnOf({ recording }: TrueRecording, resumption: number): string {
    return `arn:aws:states:us-east-1:123456789012:execution:callspool:${executionName(recording, resumption)}`;
  }

  /** What the connect Lambda does. */
  async #begin(one: TrueRecording): Promise<void> {
    const executionArn = this.#arnOf(one, 0);
    const { contactId, startFragmentNumber } = one.recording;
    const startedAt = this.#startedAt(one);
    await this.calls.create({
      contactId,
      startFragmentNumber: startFragmentNumber.toString(),
      recordingId: recordingId(one.recording),
      status: 'RECORDING',
      executionArn,
      streamArn: 'stream',
      startedAt,
      day: utcDay(new Date(startedAt)),
      instanceArn: 'instance',
    });
    this.#execute(one, executionArn);
  }

  #startedAt({ startMs }: TrueRecording): string {
    return new Date(startMs + this.scenario.call.startedAtMs).toISOString();
  }

  #execute(of: TrueRecording, arn: string): void {
    const { retriesMax } = this.scenario.service;
    const execution: RunningExecution = {
      arn,
      of,
      over: false,
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
      markFailed: () => this.#markFailed(execution),
      stop: () => {
        for (const stop of running) stop();
      },
    };
    void execute({
      clock: this.clock,
      random: this.#random,
      resources,
      spot: true,
      longestCallMs: this.scenario.settings.longestCallMs,
      retriesMax,
    }).then((succeeded) => {
      execution.over = true;
      execution.succeeded = succeeded;
    });
  }

  async #trackedTask(execution: RunningExecution, running: Set<() => void>): Promise<void> {
    await this.clock.sleep(this.scenario.service.launchMs);
    if (this.injector.isOut('ecs')) {
      execution.taskFailures += 1;
      throw new Error('ECS.AmazonECSException');
    }
    let stop: () => void = () => undefined;
    const code = await this.#runTask(execution.arn, execution.of, (kill) => {
      stop = kill;
      running.add(kill);
    });
    running.delete(stop);
    await this.clock.sleep(this.#random.integer(0, NOTICE_MS));
    if ((this.#canary?.exitCode?.(code) ?? code) === 0) return;
    execution.taskFailures += 1;
    throw Object.assign(new Error(`exit code ${code}`), { name: 'States.TaskFailed' });
  }

  /** @returns the exit code; or one of failure as soon as the workflow takes the task for dead. */
  #runTask(executionArn: string, of: TrueRecording, onStart: (kill: () => void) => void): Promise<number> {
    return new Promise((resolve) => {
      const { process, ports } = this.#process('task', executionArn, resolve);
      this.#tasks.add(process);
      onStart(() => {
        process.exit(SIGKILLED);
      });
      const controller = new AbortController();
      this.#terminations.set(process, () => {
        controller.abort();
        void this.clock.sleep(STORE_AFTER_SIGTERM_MS).then(() => {
          process.exit(EXIT.interrupted);
        });
      });
      const settings = this.#settings(of, executionArn, this.#watchdog(process));
      record(ports, settings, controller.signal).then(
        (outcome) => {
          process.exit(EXIT[outcome]);
        },
        () => {
          process.exit(FAILED);
        },
      );
    });
  }

  #settings(of: TrueRecording, executionArn: string, alive: () => void): RecorderSettings {
    return {
      ...this.scenario.settings,
      recording: of.recording,
      startedAtMs: Date.parse(this.#startedAt(of)),
      executionArn,
      alive,
    };
  }

  #watchdog(process: SimulatedProcess): () => void {
    let movedAtMs = this.clock.now();
    const watch = async (): Promise<void> => {
      while (!process.isDead) {
        const leftMs = movedAtMs + HUNG_AFTER_MS - this.clock.now();
        if (leftMs <= 0 && !process.isFrozen) process.exit(3);
        else await this.clock.sleep(Math.max(1_000, leftMs));
      }
    };
    void watch();
    return () => {
      movedAtMs = this.clock.now();
    };
  }

  #process(kind: string, executionArn: string, onExit: (code: number) => void) {
    const name = `${kind} ${(this.#names += 1)}`;
    const exited = (code: number) => {
      this.#tasks.delete(process);
      this.#terminations.delete(process);
      this.#orphans.delete(process);
      onExit(code);
    };
    const process = new SimulatedProcess(name, executionArn, exited);
    this.#orphans.set(process, () => {
      onExit(SIGKILLED);
    });
    const ports = portsOf(this.services, this.injector, process, {
      wrote: (claim) => {
        this.onClaimed(claim);
      },
    });
    return { process, ports: this.#canary?.ports?.(ports, this) ?? ports };
  }

  async #trackedAssembly(execution: RunningExecution, running: Set<() => void>): Promise<string> {
    const { contactId, startFragmentNumber } = execution.of.recording;
    const input: AssembleInput = {
      recordingId: recordingId(execution.of.recording),
      contactId,
      startFragmentNumber: startFragmentNumber.toString(),
      streamArn: 'stream',
      startedAt: this.#startedAt(execution.of),
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
      running.add(() => {
        process.exit(SIGKILLED);
      });
      void this.clock.sleep(LAMBDA_MS).then(() => {
        process.exit(SIGKILLED);
      });
      assembleRecording(ports, input).then(
        ({ status }) => {
          resolve(status);
          process.exit(0);
        },
        (error: unknown) => {
          reject(error instanceof Error ? error : new Error(String(error)));
          process.exit(FAILED);
        },
      );
    });
  }

  /** The workflow's own write. */
  async #markFailed(execution: RunningExecution): Promise<void> {
    const { contactId, startFragmentNumber } = execution.of.recording;
    const key = { contactId, startFragmentNumber: startFragmentNumber.toString() };
    const item = this.calls.item(key);
    if (item?.executionArn === execution.arn) {
      this.calls.tamper(key, { ...item, status: 'FAILED', why: 'The assembly failed again and again.' });
      execution.markedFailed = true;
    }
    await Promise.resolve();
  }
}
