/** Every port call of every process passes here: it takes time, and the scenario's faults befall it. */
import { MediaError } from '../../ports/media/media.ts';
import type { Random } from '../support/random.ts';
import type { SimulatedClock } from '../support/simulated-clock.ts';
import { HUNG_AFTER_MS, never, SIGKILLED, type SimulatedProcess } from './process.ts';
import type { CallSite, Fault, Operation, Scenario, Service } from './scenario.ts';
import { START_MS } from './stream.ts';

/** When, after the start. */
export type MadeCall = CallSite & { readonly atMs: number };

type CallFault = Extract<Fault, { at: unknown }>;

/** What a client makes of a service that doesn't answer. */
const CLIENT_TIMEOUT_MS = 5_000;
const LATENCY_MS = 30;
/** How much later a request takes effect that its client has given up. */
const LATE_MS = 8_000;
/** So much later than its call a request may take effect. */
export const LATEST_MS = CLIENT_TIMEOUT_MS + LATE_MS;

export class Injector {
  readonly #clock: SimulatedClock;
  readonly #random: Random;
  readonly #faults = new Map<string, CallFault[]>();
  readonly #outages: readonly { service: Service; fromMs: number; toMs: number }[];
  readonly #counts = new Map<Operation, number>();
  readonly #answers = new Map<Operation, Settled<unknown>>();
  readonly #sites: MadeCall[] = [];
  readonly #onOrphan: (process: SimulatedProcess) => void;
  /** When the last of the faults that have struck was over. */
  lastFaultMs = 0;
  #late = 0;
  /** Faults that have struck. */
  struck = 0;

  constructor(
    scenario: Scenario,
    clock: SimulatedClock,
    random: Random,
    onOrphan: (process: SimulatedProcess) => void,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#onOrphan = onOrphan;
    const outages: { service: Service; fromMs: number; toMs: number }[] = [];
    for (const fault of scenario.faults) {
      if ('at' in fault) {
        const key = keyOf(fault.at.operation, fault.at.nth);
        this.#faults.set(key, [...(this.#faults.get(key) ?? []), fault]);
      } else if (fault.kind === 'outage') {
        const fromMs = START_MS + fault.atMs;
        outages.push({ service: fault.service, fromMs, toMs: fromMs + fault.ms });
      }
    }
    this.#outages = outages;
  }

  /** Every port call so far, in order. */
  get sites(): readonly MadeCall[] {
    return this.#sites;
  }

  /** Whether every request has taken effect that ever will. */
  get isQuiet(): boolean {
    return this.#late === 0;
  }

  isOut(service: Service): boolean {
    const nowMs = this.#clock.now();
    const outage = this.#outages.find(
      (one) => one.service === service && one.fromMs <= nowMs && nowMs < one.toMs,
    );
    if (outage) this.strike(outage.toMs);
    return outage !== undefined;
  }

  /** Notes that a fault has struck, and until when it lasts. */
  strike(untilMs: number = this.#clock.now()): void {
    this.struck += 1;
    this.lastFaultMs = Math.max(this.lastFaultMs, untilMs);
  }

  /** A port call of a process. */
  async call<T>(process: SimulatedProcess, operation: Operation, act: () => Promise<T>): Promise<T> {
    if (process.isDead) return never();
    const fault = this.#next(operation);
    if (fault) this.strike();
    if (await this.#befallsBefore(process, fault)) return never();
    if (!ROUND_TRIPS.has(operation)) await this.#clock.sleep(this.#random.integer(0, LATENCY_MS));
    const refusal = await this.#refusal(operation, fault, act);
    if (refusal) {
      await process.hears();
      throw refusal;
    }
    const answer = await this.#answer(operation, fault, act);
    const failure = await this.#befallsAfter(process, operation, fault);
    await process.hears();
    if (failure) throw failure;
    if (fault?.kind === 'kill' && fault.when === 'after') this.#killSoon(process);
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  /** A stale one is what the call before was told, whoever made it. */
  async #answer<T>(
    operation: Operation,
    fault: CallFault | undefined,
    act: () => Promise<T>,
  ): Promise<Settled<T>> {
    const before = this.#answers.get(operation);
    const answer = await settled(act());
    this.#answers.set(operation, answer);
    // The same operation gives the same type.
    return fault?.kind === 'stale' && before ? (before as Settled<T>) : answer;
  }

  #next(operation: Operation): CallFault | undefined {
    const nth = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, nth);
    this.#sites.push({ operation, nth, atMs: this.#clock.now() - START_MS });
    return this.#faults.get(keyOf(operation, nth))?.[0];
  }

  /** @returns whether the call is never made. */
  async #befallsBefore(process: SimulatedProcess, fault: CallFault | undefined): Promise<boolean> {
    if (fault?.kind === 'kill' && fault.when === 'before') process.exit(SIGKILLED);
    if (fault?.kind === 'freeze' && fault.when === 'before') this.#freeze(process, fault);
    if (fault?.kind === 'slow') {
      await this.#clock.sleep(fault.ms);
      this.strike();
    }
    await process.hears();
    return process.isDead;
  }

  async #refusal(
    operation: Operation,
    fault: CallFault | undefined,
    act: () => Promise<unknown>,
  ): Promise<Error | undefined> {
    if (this.isOut(serviceOf(operation))) return refusalOf(operation, 'the service is out');
    if (ENCRYPTED.test(operation) && this.isOut('kms')) return keyRefusalOf(operation);
    if (fault?.kind === 'fail' && fault.when === 'before')
      return fault.by === 'key' ? keyRefusalOf(operation) : refusalOf(operation, 'refused');
    if (fault?.kind === 'hang' && !fault.effect) {
      await this.#hang(fault);
      return refusalOf(operation, 'no answer');
    }
    if (fault?.kind === 'fail' && fault.when === 'late' && isWrite(operation)) {
      this.#late += 1;
      void this.#clock.sleep(LATEST_MS).then(async () => {
        this.strike();
        await settled(act());
        this.#late -= 1;
      });
      await this.#clock.sleep(CLIENT_TIMEOUT_MS);
      return refusalOf(operation, 'no answer yet');
    }
    return undefined;
  }

  /** @returns what the caller is told instead of the answer. */
  async #befallsAfter(
    process: SimulatedProcess,
    operation: Operation,
    fault: CallFault | undefined,
  ): Promise<Error | undefined> {
    if (fault?.kind === 'kill' && fault.when === 'effect') process.exit(SIGKILLED);
    if (fault?.kind === 'freeze' && fault.when === 'effect') this.#freeze(process, fault);
    if (fault?.kind === 'fail') return refusalOf(operation, 'failed, though it took effect');
    if (fault?.kind === 'hang') {
      await this.#hang(fault);
      return refusalOf(operation, 'no answer, though it took effect');
    }
    if (!ROUND_TRIPS.has(operation)) await this.#clock.sleep(this.#random.integer(0, LATENCY_MS));
    return undefined;
  }

  /** Whoever waits is held up for as long, unless his watchdog ends him first. */
  async #hang({ ms }: Extract<Fault, { kind: 'hang' }>): Promise<void> {
    this.strike(this.#clock.now() + Math.min(ms, HUNG_AFTER_MS));
    await this.#clock.sleep(ms);
    this.strike();
  }

  #freeze(process: SimulatedProcess, { ms, orphan }: Extract<Fault, { kind: 'freeze' }>): void {
    process.freeze();
    if (orphan) this.#onOrphan(process);
    void this.#clock.sleep(ms).then(() => {
      this.strike();
      process.thaw();
    });
  }

  /** Once it has dealt with the answer. */
  #killSoon(process: SimulatedProcess): void {
    void this.#clock.sleep(0).then(() => {
      process.exit(SIGKILLED);
    });
  }
}

/** What S3 can do only with the key. */
const ENCRYPTED = /^(tape\.(append|read)|recordings\.(put|begin|part))$/;

/** What comes by itself: the service's side takes its own time. */
const ROUND_TRIPS: ReadonlySet<Operation> = new Set(['media.read', 'archive.read']);

function keyOf(operation: Operation, nth: number): string {
  return `${operation} ${nth}`;
}

type Settled<T> = { readonly value: T } | { readonly error: unknown };

function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

function isWrite(operation: Operation): boolean {
  return /append|claim|advance|end|fence|assembling|complete|put|publish/.test(operation);
}

function serviceOf(operation: Operation): Service {
  if (operation.startsWith('media')) return 'kinesis';
  if (operation.startsWith('archive')) return 'archive';
  if (/^(tape|recordings)/.test(operation)) return 's3';
  if (operation.startsWith('events')) return 'eventbridge';
  return operation.startsWith('contacts') ? 'connect' : 'dynamodb';
}

/** S3's own error: the key can't be used now, which says nothing of the object. */
function keyRefusalOf(operation: Operation): Error {
  return Object.assign(new Error(`${operation}: the key can’t be used now`), { name: KEY_REFUSAL });
}

export const KEY_REFUSAL = 'KMS.ThrottlingException';

function refusalOf(operation: Operation, why: string): Error {
  const message = `${operation}: ${why}`;
  return /^(media|archive)/.test(operation) ? new MediaError('unavailable', message) : new Error(message);
}
