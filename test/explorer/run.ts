/** One run of a small case: the program's own code on the twins, its port calls happening one by one as they are chosen. */
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import { assembleRecording } from '../../functions/assemble/assemble.ts';
import { MemoryArchive } from '../../ports/archive/memory-archive.ts';
import { callKey } from '../../ports/calls/call-item.ts';
import { MemoryCalls } from '../../ports/calls/memory-calls.ts';
import { MemoryCheckpoints } from '../../ports/checkpoints/memory-checkpoints.ts';
import { MemoryContacts } from '../../ports/contacts/memory-contacts.ts';
import { MemoryEvents } from '../../ports/events/memory-events.ts';
import { MemoryMedia } from '../../ports/media/memory-media.ts';
import { MemoryStream } from '../../ports/media/memory-stream.ts';
import { MemoryRecordings } from '../../ports/recordings/memory-recordings.ts';
import { MemoryTape } from '../../ports/tape/memory-tape.ts';
import { utcDay } from '../../recording/audio/files/keys.ts';
import { recordingId } from '../../recording/identity.ts';
import { record } from '../../task/record.ts';
import { type AllPorts, portsOf, type Services } from '../simulation/ports.ts';
import { SIGKILLED, SimulatedProcess } from '../simulation/process.ts';
import { LAMBDA_MS } from '../simulation/runner.ts';
import { CONTACTS, START_MS, type TrueStream } from '../simulation/stream.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { quiet } from '../support/simulated-clock.ts';
import { befall, type CallName, CallsInHand, type Fate } from './calls-in-hand.ts';
import type { Case } from './cases.ts';
import { erase } from './erasing.ts';
import { wrongAtRest } from './model.ts';
import { Modelled, type Twins } from './modelled.ts';

export interface Choice {
  /** The number of a call among those that wait. */
  readonly call: number;
  readonly fate: Fate;
}

/** Puts an old bug back. */
export interface Bug {
  readonly name: string;
  readonly ports?: (ports: AllPorts) => AllPorts;
  readonly services?: (services: Services, twins: Twins) => Services;
}

/** Time-outs and waits of a run that has come to nothing. */
const PASSES_MAX = 20_000;
const STREAM_ARN = 'stream';
const ARN = (resumption: number) =>
  `arn:aws:states:us-east-1:123456789012:execution:callspool:call-r${resumption}`;
/** What is tried again at once comes to states that it would have come to without the failure. */
const RETRY_MS = 0;
const EXIT = { ended: 0, foreign: 0, superseded: 3, interrupted: 143 } as const;

export class Run {
  readonly #case: Case;
  readonly #stream: TrueStream;
  readonly #clock: ManualClock;
  readonly #hand: CallsInHand;
  readonly #twins: Twins;
  readonly #recordings = new MemoryRecordings();
  readonly #modelled: Modelled;
  readonly #services: Services;
  readonly #bug: Bug | undefined;
  readonly #processes: SimulatedProcess[] = [];
  readonly #orphans = new Map<SimulatedProcess, () => void>();
  readonly #fates: Fate[] = [];
  /** Commands, which no workflow takes for dead. */
  readonly #operators = new Set<SimulatedProcess>();
  /** How each execution stands, by its ARN. */
  readonly #running = new Set<string>();
  readonly #terminations = new Map<SimulatedProcess, () => void>();
  #busy = 0;
  #wrong: string | undefined;
  /** The steps so far, in words. */
  readonly steps: string[] = [];

  constructor(one: Case, stream: TrueStream, bug?: Bug) {
    this.#case = one;
    this.#stream = stream;
    this.#bug = bug;
    const [own] = stream.recordings;
    if (!own) throw new Error('the case has no recording');
    this.#clock = new ManualClock(stream.contactEndsMs + 60_000);
    this.#hand = new CallsInHand(() => this.#clock.now(), one.erasure);
    const names = new Map<string, number>();
    const unique = () => {
      const nth = (names.get(this.#hand.actor) ?? 0) + 1;
      names.set(this.#hand.actor, nth);
      return `${this.#hand.actor} ${nth}`;
    };
    this.#twins = {
      recording: own.recording,
      numbers: own.fragments.map(({ number }) => number),
      checkpoints: new MemoryCheckpoints(this.#clock),
      calls: new MemoryCalls({ unique }),
      tape: new MemoryTape({ uuid: () => uuidOf(unique()) }),
    };
    this.#modelled = new Modelled(this.#twins);
    const services = this.#plainServices();
    this.#services = this.#modelled.services(bug?.services?.(services, this.#twins) ?? services);
  }

  /** What is wrong so far. */
  get wrong(): string | undefined {
    return this.#modelled.wrong ?? this.#wrong;
  }

  /** Begins the case, and goes on to where there is something to choose. */
  async begin(): Promise<void> {
    const { contactId, startFragmentNumber } = this.#twins.recording;
    await this.#twins.calls.create({
      contactId,
      startFragmentNumber: startFragmentNumber.toString(),
      recordingId: recordingId(this.#twins.recording),
      status: 'RECORDING',
      executionArn: ARN(0),
      streamArn: STREAM_ARN,
      startedAt: this.#startedAt,
      day: utcDay(new Date(this.#startedAt)),
      instanceArn: 'instance',
    });
    await this.#twins.calls.learn(this.#twins.recording, { disconnectedAt: this.#endedAt }, this.#endedAt);
    void this.#execute(ARN(0));
    if (this.#case.handOver) void this.#resuming();
    if (this.#case.erasure) void this.#erasing();
    await this.#rest();
  }

  /** What can happen next; nothing when it is over. Zombies' calls last: what comes late does the most harm. */
  choices(): Choice[] {
    const { pending } = this.#hand;
    const choices = pending.flatMap((one, call) =>
      this.#hand
        .fatesOf(one)
        .filter((fate) => this.#isLeft(fate, one.process))
        .map((fate) => ({ call, fate })),
    );
    const isLate = ({ call }: Choice) => pending[call]?.process.isFrozen === true;
    return [...choices.filter((choice) => !isLate(choice)), ...choices.filter(isLate)];
  }

  #isLeft(fate: Fate, process: SimulatedProcess): boolean {
    const { deaths, zombies } = this.#case;
    if (fate === 'happens') return true;
    const asides = this.#fates.filter((one) => one === 'is put aside').length;
    if (fate === 'is put aside') return asides < zombies && !this.#operators.has(process);
    return this.#fates.length - asides < deaths;
  }

  async take({ call, fate }: Choice): Promise<void> {
    const pending = this.#hand.pending[call];
    if (!pending) throw new Error('a run has not repeated itself');
    this.steps.push(`${pending.process.name}: ${pending.operation} ${fate}`);
    if (fate !== 'happens') this.#fates.push(fate);
    this.#hand.choosing();
    await befall(pending, fate, (process) => this.#orphans.get(process)?.());
    await this.#rest();
  }

  /** Equal ones go on in the same way. */
  state(): string {
    const { checkpoints, calls, tape, recording } = this.#twins;
    const files = this.#recordings.keys.map((key) => [key, this.#recordings.get(key)]);
    const digest = createHash('sha1');
    digest.update(serialize([checkpoints.item(recordingId(recording)), calls.item(callKey(recording))]));
    digest.update(serialize([files, tape.history.map(({ object }) => object.key).sort()]));
    digest.update(this.#hand.positions(this.#processes));
    digest.update(
      `${this.#clock.now()} ${this.#fates.filter((fate) => fate === 'is put aside').length} ${this.#fates.length} ${this.#busy}`,
    );
    return digest.digest('base64').slice(0, 12);
  }

  /** Nothing can happen any more. */
  checkEnd(): void {
    const { model } = this.#modelled;
    if (this.#isAtWork()) this.#wrong ??= 'it has not come to an end';
    else if (model.isErased) this.#wrong ??= this.#leftOver();
    else this.#wrong ??= wrongAtRest(model, this.#twins.numbers.length);
  }

  get #startedAt(): string {
    return new Date(START_MS).toISOString();
  }

  get #endedAt(): string {
    return new Date(this.#stream.contactEndsMs).toISOString();
  }

  /** Time passes only while nobody has a call to make but those who were put aside. */
  async #rest(): Promise<void> {
    await quiet();
    for (let passes = 0; !this.#isToChoose(); passes += 1) {
      if (passes > PASSES_MAX) {
        this.#wrong ??= 'it waits for ever';
        return;
      }
      if (!this.#isAtWork() || !this.#clock.pass()) return;
      await quiet();
    }
  }

  #isAtWork(): boolean {
    return this.#busy > 0 || this.#processes.some(({ isDead, isFrozen }) => !isDead && !isFrozen);
  }

  /** @returns what an erasure has left, or let come back */
  #leftOver(): string | undefined {
    const { calls, tape, recording } = this.#twins;
    if (calls.item(callKey(recording)) !== undefined) return 'there is a record of what is erased';
    const [key] = [...tape.keys, ...this.#recordings.keys];
    return key === undefined ? undefined : `${key} is there, though its recording is erased`;
  }

  #isToChoose(): boolean {
    return this.#hand.pending.some(({ process }) => !process.isFrozen);
  }

  #plainServices(): Services {
    const { archive } = this.#case;
    const stream = new MemoryStream({ clock: this.#clock });
    for (const fragment of this.#stream.stored) stream.put(fragment, START_MS);
    const contacts = new MemoryContacts();
    contacts.set(CONTACTS.ours, { disconnectedAt: this.#endedAt });
    return {
      clock: this.#clock,
      media: new MemoryMedia(stream),
      archive: new MemoryArchive(stream, { retention: archive }),
      tape: this.#twins.tape,
      checkpoints: this.#twins.checkpoints,
      calls: this.#twins.calls,
      contacts,
      recordings: this.#recordings,
      events: new MemoryEvents(),
    };
  }

  /** Record, again and again; then assemble, again and again. */
  async #execute(arn: string): Promise<void> {
    this.#busy += 1;
    this.#running.add(arn);
    let code = await this.#task(arn);
    for (let tries = 1; code !== 0 && tries < this.#case.taskTries && this.#running.has(arn); tries += 1) {
      await this.#clock.sleep(RETRY_MS);
      code = await this.#task(arn);
    }
    while (this.#running.has(arn) && !(await this.#assembly(arn))) await this.#clock.sleep(RETRY_MS);
    this.#running.delete(arn);
    this.#busy -= 1;
  }

  /** A person who resumes the recording, whenever: that is an execution of its own. */
  async #resuming(): Promise<void> {
    const { process } = this.#operator(() => undefined);
    const isHandedOver = await this.#whenever(process, 'checkpoints.handOver', () =>
      this.#services.checkpoints.handOver(recordingId(this.#twins.recording), ARN(0), ARN(1)),
    );
    process.exit(0);
    if (isHandedOver) void this.#execute(ARN(1));
  }

  /** A person who stops the executions, whenever, and erases the recording. */
  async #erasing(): Promise<void> {
    const { process } = this.#operator(() => undefined);
    await this.#whenever(process, 'executions.stop', () => {
      this.#running.clear();
      for (const terminate of [...this.#terminations.values()]) terminate();
      return Promise.resolve();
    });
    process.exit(0);
    this.#erase();
  }

  /** A command that dies is given again. */
  #erase(): void {
    const { process, ports } = this.#operator((code) => {
      if (code !== 0) this.#erase();
    });
    const place = {
      clock: ports.clock,
      calls: this.#twins.calls,
      tape: this.#twins.tape,
      recordings: this.#recordings,
      services: this.#services,
    };
    void erase(
      this.#twins.recording,
      place,
      (arn) => this.#running.has(arn),
      (service, act) => this.#hand.call(process, `command: ${service}`, act),
    ).then(() => {
      process.exit(0);
    });
  }

  /** Waits for its turn, while time passes. */
  async #whenever<T>(process: SimulatedProcess, operation: CallName, act: () => Promise<T>): Promise<T> {
    const acting = this.#hand.call(process, operation, act);
    await quiet();
    process.freeze();
    return acting;
  }

  #operator(onExit: (code: number) => void) {
    const made = this.#process('operator', ARN(1), onExit);
    this.#operators.add(made.process);
    return made;
  }

  #task(executionArn: string): Promise<number> {
    return new Promise((resolve) => {
      const { process, ports } = this.#process('task', executionArn, resolve);
      const settings = {
        recording: this.#twins.recording,
        streamArn: STREAM_ARN,
        startedAtMs: START_MS,
        executionArn,
        segmentMs: 1_000,
        graceMs: 2_000,
        idleTimeoutMs: 120_000,
        longestCallMs: 3_600_000,
      };
      const stopped = new AbortController();
      this.#terminations.set(process, () => {
        stopped.abort();
      });
      record(ports, settings, stopped.signal).then(
        (outcome) => {
          process.exit(EXIT[outcome]);
        },
        () => {
          process.exit(1);
        },
      );
    });
  }

  /** @returns whether the workflow heard of its success */
  #assembly(executionArn: string): Promise<boolean> {
    return new Promise((resolve) => {
      const { process, ports } = this.#process('assembly', executionArn, () => {
        resolve(false);
      });
      const { contactId, startFragmentNumber } = this.#twins.recording;
      void this.#clock.sleep(LAMBDA_MS, process.connections).then(() => {
        process.exit(SIGKILLED);
      });
      assembleRecording(ports, {
        recordingId: recordingId(this.#twins.recording),
        contactId,
        startFragmentNumber: startFragmentNumber.toString(),
        streamArn: STREAM_ARN,
        startedAt: this.#startedAt,
        instanceArn: 'instance',
        executionArn,
      }).then(
        () => {
          resolve(true);
          process.exit(0);
        },
        () => {
          process.exit(1);
        },
      );
    });
  }

  #process(kind: string, executionArn: string, onExit: (code: number) => void) {
    const name = `${kind} ${this.#processes.length + 1}`;
    const process = new SimulatedProcess(name, executionArn, onExit);
    this.#processes.push(process);
    this.#orphans.set(process, () => {
      onExit(SIGKILLED);
    });
    const ports = portsOf(this.#services, this.#hand, process, {
      wrote: () => undefined,
      stored: () => undefined,
      completed: () => undefined,
    });
    return { process, ports: this.#bug?.ports?.(ports) ?? ports };
  }
}

/** Makes a uuid of a name, so that it is the same in every order of things. */
function uuidOf(name: string): string {
  const hex = createHash('sha1').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
