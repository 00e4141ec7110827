/** A run: the services, the workflow and the program's own code, in simulated time, under a scenario's faults. */
import type { Access } from '../../cli/access/access.ts';
import { MemoryArchive } from '../../ports/archive/memory-archive.ts';
import { CallsUnlessErased } from '../../ports/calls/calls-unless-erased.ts';
import { type CallWrite, MemoryCalls } from '../../ports/calls/memory-calls.ts';
import { type Claim, RecordingErased } from '../../ports/checkpoints/checkpoints.ts';
import { type CheckpointWrite, MemoryCheckpoints } from '../../ports/checkpoints/memory-checkpoints.ts';
import { MemoryContacts } from '../../ports/contacts/memory-contacts.ts';
import { MemoryEvents } from '../../ports/events/memory-events.ts';
import { MemoryMedia } from '../../ports/media/memory-media.ts';
import { MemoryStream } from '../../ports/media/memory-stream.ts';
import { MemoryRecordings } from '../../ports/recordings/memory-recordings.ts';
import { MemoryTape } from '../../ports/tape/memory-tape.ts';
import type { Segment } from '../../ports/tape/tape.ts';
import { utcDay } from '../../recording/audio/files/keys.ts';
import { executionName, type Recording, recordingId } from '../../recording/identity.ts';
import { type Random, seeded } from '../support/random.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import { SimulatedExecutions } from './executions.ts';
import type { TwistName } from './generate-twists.ts';
import { Injector, LATEST_MS } from './injector.ts';
import type { ListenerBug } from './listener.ts';
import { Listening } from './listening.ts';
import { Operators } from './operators.ts';
import type { AllPorts, Services } from './ports.ts';
import type { SimulatedProcess } from './process.ts';
import { LAMBDA_MS, Runner, type RunningExecution } from './runner.ts';
import type { Fault, Scenario } from './scenario.ts';
import { asSent, planOf, withholding } from './session-plan.ts';
import {
  CONTACTS,
  KEPT_AT_LEAST_MS,
  makeStream,
  START_MS,
  type TrueRecording,
  type TrueStream,
} from './stream.ts';

/** A known bug, switched on from outside: the program itself has no switch. */
export interface Canary {
  readonly name: string;
  /** Alters the code for as long as a run lasts. @returns what undoes it */
  readonly install?: () => () => void;
  /** Alters a process's ports. */
  readonly ports?: (ports: AllPorts, world: World) => AllPorts;
  /** Alters the services themselves. */
  readonly services?: (services: Services, world: World) => Services;
  /** Alters what the operator's commands and the schedule work on. */
  readonly access?: (access: Access, world: World) => Access;
  /** Alters whoever listens. */
  readonly listener?: ListenerBug;
  /** What befalls the seeds in which it has to be seen. */
  readonly twist?: TwistName;
  /** Replaces the definition's own retries of the workflow's Assemble state. */
  readonly assemblyRetriesMax?: number;
  /** Alters whether the workflow's own FAILED is written. */
  readonly isMarkedFailed?: (isAllowed: boolean) => boolean;
  /** Alters what the workflow makes of a task's exit. */
  readonly exitCode?: (code: number) => number;
}

/** Whoever listens has all within this, however slow and whatever befell him, once no recorder sleeps any more that he listens to. */
const LISTENER_MS = 1_800_000;

/** Below every fragment's number here. */
const SIBLING_START = '1';

export interface TapeRecord {
  readonly recording: Recording;
  readonly key: string;
  readonly segment: Segment;
  readonly atMs: number;
  /** Undefined: a command. */
  by?: SimulatedProcess;
  /** It took effect when whoever asked for it had left. */
  isAfterwards?: boolean;
}

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
  readonly services: Services;
  /** Told of what happens, for the checks. */
  onCheckpoint: (write: CheckpointWrite) => void = () => undefined;
  onTape: (write: TapeRecord) => void = () => undefined;
  onClaimed: (claim: Claim) => void = () => undefined;
  onCall: (write: CallWrite) => void = () => undefined;
  onCompleted: (recording: Recording, by: SimulatedProcess) => void = () => undefined;
  onMarkedFailed: (of: TrueRecording) => void = () => undefined;
  /** Undefined where nobody listens. */
  readonly listening: Listening | undefined;
  /** When the first task left, epoch ms: whoever is listened to may leave later. */
  firstLeftAtMs = Infinity;
  readonly random: Random;
  readonly #canary: Canary | undefined;
  readonly #runner: Runner;
  readonly #executions: SimulatedExecutions;
  readonly operators: Operators;
  /** Recordings that the connect function has made: when, epoch ms. */
  readonly begunAtMs = new Map<string, number>();
  #resumptions = 0;
  #pendingEvents = 0;
  /** All that was ever written to any tape. */
  readonly tapeWrites: TapeRecord[] = [];
  /** The keys of objects that have not expired, the oldest first. */
  readonly #tapeKeys: string[] = [];
  /** Objects of the tape that have expired so far. */
  expired = 0;

  constructor(scenario: Scenario, canary?: Canary) {
    this.scenario = scenario;
    this.#canary = canary;
    this.stream = makeStream(scenario.call);
    this.random = seeded(scenario.seed ^ 0x5eed);
    this.clock = new SimulatedClock(START_MS, this.random);
    this.injector = new Injector(scenario, this.clock, this.random, (process) => {
      this.#runner.orphan(process);
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
    this.tape = new MemoryTape({
      onWrite: ({ object }) => {
        this.#tapeKeys.push(object.key);
      },
    });
    this.checkpoints = new MemoryCheckpoints(this.clock, {
      onWrite: (write) => {
        this.listening?.noteCheckpoint(write.after);
        this.onCheckpoint(write);
      },
    });
    this.calls = new MemoryCalls({
      onWrite: (write) => {
        this.onCall(write);
      },
    });
    const services = {
      clock: this.clock,
      media: new MemoryMedia(this.memoryStream, (nth) =>
        asSent(this.stream.fragments, this.clock, planOf(scenario, nth, this.injector)),
      ),
      archive: withholding(
        new MemoryArchive(this.memoryStream, { retention: archive }),
        this.stream.fragments,
        this.clock,
      ),
      tape: {
        append: async (recording: Recording, segment: Segment) => {
          await this.tape.append(recording, segment);
          const key = this.tape.history.at(-1)?.object.key ?? '';
          const write = { recording, key, segment, atMs: this.clock.now() };
          this.tapeWrites.push(write);
          this.listening?.noteTape(recording, segment.bytes);
          this.onTape(write);
        },
        list: (recording: Recording, from?: bigint) => this.tape.list(recording, from),
        read: (key: string) => this.tape.read(key),
        remove: (key: string) => this.tape.remove(key),
      },
      checkpoints: this.checkpoints,
      calls: this.calls,
      contacts: new MemoryContacts(),
      recordings: this.recordings,
      events: this.events,
    };
    this.services = canary?.services?.(services, this) ?? services;
    const { listening } = scenario;
    this.listening =
      listening &&
      new Listening({
        plan: listening,
        clock: this.clock.aside(seeded(scenario.seed ^ 0x115e)),
        services: { tape: this.tape, checkpoints: this.checkpoints },
        recordings: this.stream.recordings,
        bug: canary?.listener,
      });
    this.#runner = new Runner({
      openFeed: (process, of) => this.listening?.openFeed(process, of),
      taskGone: () => {
        this.firstLeftAtMs = Math.min(this.firstLeftAtMs, this.clock.now());
      },
      scenario,
      clock: this.clock,
      random: this.random,
      injector: this.injector,
      services: this.services,
      calls: this.calls,
      adapt: (ports) => canary?.ports?.(ports, this) ?? ports,
      exitCode: (code) => canary?.exitCode?.(code) ?? code,
      assemblyRetriesMax: canary?.assemblyRetriesMax,
      isMarkedFailed: (isAllowed) => canary?.isMarkedFailed?.(isAllowed) ?? isAllowed,
      markedFailed: ({ of }) => {
        this.onMarkedFailed(of);
      },
      wrote: (claim) => {
        this.onClaimed(claim);
      },
      completed: (recording, by) => {
        this.onCompleted(recording, by);
      },
      stored: (segment, by) => {
        const write = this.tapeWrites.findLast((one) => one.segment === segment);
        if (write) Object.assign(write, { by, isAfterwards: by.hasLeft });
      },
    });
    this.#executions = new SimulatedExecutions(this.#runner, this.stream.recordings);
    this.operators = new Operators(this, this.#executions, canary);
    this.#schedule(services.contacts);
  }

  get areExecutionsOver(): boolean {
    return this.#runner.isOver;
  }

  /** Resumptions that began while another execution of the same recording was under way. */
  get overlapping(): readonly string[] {
    return this.#executions.overlapping;
  }

  /** Every execution so far. */
  get executions(): readonly RunningExecution[] {
    return this.#runner.executions;
  }

  /** @returns whether everything came to its end in time. */
  async run(untilMs: number): Promise<boolean> {
    const undo = this.#canary?.install?.();
    try {
      const inTime = await this.clock.run(() => this.#isOver(), untilMs);
      if (inTime) await this.clock.run(() => this.#isQuiet(), this.clock.now() + this.#quietMs());
      const { listening } = this;
      if (inTime && listening)
        await this.clock.run(() => listening.isOver, this.clock.now() + LISTENER_MS + this.#sleptMs());
      return inTime;
    } finally {
      undo?.();
      this.#runner.kill();
    }
  }

  #isOver(): boolean {
    return this.#pendingEvents === 0 && this.#runner.isOver && this.operators.isQuiet;
  }

  /** Nor is there an assembly or a request left that was given up, and may still change what came of it. */
  #isQuiet(): boolean {
    const isQuiet = this.#isErasing() ? this.#runner.isEmpty : this.#runner.isQuiet;
    return this.#isOver() && isQuiet && this.injector.isQuiet;
  }

  /** What is erased must stay so when a task wakes up that slept for longer than the command waited. */
  #isErasing(): boolean {
    return this.scenario.faults.some(({ kind }) => kind === 'erase');
  }

  #quietMs(): number {
    return LAMBDA_MS + LATEST_MS + (this.#isErasing() ? this.#sleptMs() : 0);
  }

  /** The longest that any process sleeps. */
  #sleptMs(): number {
    const sleeps = this.scenario.faults.map((fault) => (fault.kind === 'freeze' ? fault.ms : 0));
    return Math.max(0, ...sleeps);
  }

  /** All that happens by itself. */
  #schedule(contacts: MemoryContacts): void {
    const { call, faults } = this.scenario;
    for (const one of this.stream.recordings) {
      // While it flows: of a recording that is over before anybody knows of it, nobody can know.
      const atMs = this.#beginsMs(one);
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
    if (call.damagedSibling === true) this.#damageSibling();
    for (const fault of faults) this.#scheduleFault(fault);
    const { resumeEveryMs } = this.scenario.service;
    if (resumeEveryMs !== undefined) void this.operators.keepResuming(resumeEveryMs);
  }

  /** An earlier recording of the contact, of which a newer version of the program has written. */
  #damageSibling(): void {
    const { contactId } = this.stream.recordings[0]?.recording ?? { contactId: CONTACTS.ours };
    const key = { contactId, startFragmentNumber: SIBLING_START };
    this.calls.tamper(key, {
      ...key,
      recordingId: `${contactId}_${SIBLING_START}`,
      status: 'COMPLETE',
      endReason: 'A_REASON_OF_A_NEWER_VERSION',
      streamArn: 'stream',
      startedAt: new Date(START_MS - 60_000).toISOString(),
      day: utcDay(new Date(START_MS - 60_000)),
    });
  }

  #scheduleFault(fault: Fault): void {
    const [own] = this.stream.recordings;
    if (!own || !('atMs' in fault) || fault.kind === 'outage') return;
    this.#at(START_MS + fault.atMs, () => {
      this.injector.strike();
      if (fault.kind === 'killAt') this.#runner.kill();
      if (fault.kind === 'terminate') this.#runner.terminate();
      if (fault.kind === 'twin') void this.#runner.runTask(this.#arnOf(own, 0), own, () => undefined);
      if (fault.kind === 'stranger') this.#runner.execute(own, this.#arnOf(own, 90 + this.#resumptions++));
      if (fault.kind === 'handOver') void this.#handOver(own);
      if (fault.kind === 'resume') void this.#resume(own, fault.force);
      if (fault.kind === 'erase') this.#erase(fault);
      if (fault.kind === 'forget') this.memoryStream.forget(KEPT_AT_LEAST_MS);
      if (fault.kind === 'expire') this.#expire(fault.objects);
    });
  }

  /** It isn't over before the command has done what it does. */
  async #resume(own: TrueRecording, force: boolean): Promise<void> {
    this.#pendingEvents += 1;
    await this.operators.resume(own, force);
    this.#pendingEvents -= 1;
  }

  #erase(fault: Extract<Fault, { kind: 'erase' }>): void {
    const ones = this.stream.recordings.filter(({ part }) => fault.of === 'contact' || part === fault.of);
    if (fault.stop) for (const one of ones) this.#runner.stop(one);
    this.#pendingEvents += 1;
    void this.operators.erase(fault, ones).then(() => {
      this.#pendingEvents -= 1;
      this.injector.strike();
    });
  }

  #expire(objects: number): void {
    this.listening?.noteExpired();
    for (const key of this.#tapeKeys.splice(0, objects)) {
      this.tape.tamper(key, undefined);
      this.expired += 1;
    }
  }

  /** An operator's resumption: the checkpoint is handed over, and then the new execution is started. */
  async #handOver(own: TrueRecording): Promise<void> {
    if (this.injector.isOut('dynamodb')) return;
    const id = recordingId(own.recording);
    const { owner, erasedAt } = (await this.checkpoints.read(id)) ?? {};
    if (owner === undefined || erasedAt !== undefined) return;
    const to = this.#unusedArn(own);
    if (await this.checkpoints.handOver(id, owner, to)) this.#runner.execute(own, to);
  }

  #unusedArn(own: TrueRecording): string {
    const arn = this.#arnOf(own, (this.#resumptions += 1));
    return this.executions.some((one) => one.arn === arn) ? this.#unusedArn(own) : arn;
  }

  #at(atMs: number, act: () => void): void {
    this.#pendingEvents += 1;
    void this.clock.sleep(atMs - this.clock.now()).then(() => {
      this.#pendingEvents -= 1;
      act();
    });
  }

  #arnOf({ recording }: TrueRecording, resumption: number): string {
    return this.#executions.arnOf(executionName(recording, resumption));
  }

  /** A flow that has stopped streaming invokes the function behind the stop. */
  #beginsMs({ part, startMs, fragments }: TrueRecording): number {
    const { stopped, executionAfterMs, nextAfterMs = 200 } = this.scenario.call;
    const last = fragments.at(-1);
    if (stopped === true && last) return last.serverMs + last.plan.lengthMs + executionAfterMs;
    return startMs + (part === 'next' ? nextAfterMs : executionAfterMs);
  }

  /** What the connect Lambda does: nothing is begun of what has been erased already. */
  async #begin(one: TrueRecording): Promise<void> {
    try {
      await this.#create(one);
    } catch (error) {
      if (!(error instanceof RecordingErased)) throw error;
      this.#runner.refuse();
      return;
    }
    this.#runner.execute(one, this.#arnOf(one, 0));
  }

  async #create(one: TrueRecording): Promise<void> {
    const executionArn = this.#arnOf(one, 0);
    const { contactId, startFragmentNumber } = one.recording;
    const startedAt = this.#runner.startedAt(one);
    const stop = this.scenario.call.stopped === true ? one.fragments.at(-1) : undefined;
    this.begunAtMs.set(recordingId(one.recording), this.clock.now());
    await new CallsUnlessErased(this.calls, this.checkpoints).create({
      contactId,
      startFragmentNumber: startFragmentNumber.toString(),
      recordingId: recordingId(one.recording),
      status: 'RECORDING',
      executionArn,
      streamArn: 'stream',
      startedAt,
      day: utcDay(new Date(startedAt)),
      instanceArn: 'instance',
      ...(stop && { stopFragmentNumber: stop.number.toString() }),
    });
  }
}
