/**
 * Port calls wait here until the search lets them happen: one at a time, in any order. A process whose call is put aside
 * is a zombie: the workflow takes it for dead, and the call may still happen at any later moment.
 */
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import type { PortCalls } from '../simulation/ports.ts';
import { SIGKILLED, type SimulatedProcess } from '../simulation/process.ts';
import type { Operation, Service } from '../simulation/scenario.ts';

/** An operator's commands make calls of their own, told by the service. */
export type CallName = Operation | 'checkpoints.handOver' | 'executions.stop' | `command: ${Service}`;

export interface PendingCall {
  readonly process: SimulatedProcess;
  readonly operation: CallName;
  /** No answer to its process led to it at this moment: the process was begun, or has slept. */
  readonly isFirst: boolean;
  /** Lets it take effect, and be answered. */
  readonly happen: (isAnswered: boolean) => Promise<void>;
}

/**
 * What nobody changes in a run, or nobody reads: such calls change nothing for anybody, whenever they happen. What an
 * object of a tape holds never changes.
 */
const FIXED = /^(media|archive|contacts|events)\.|^tape\.read$/;
/** Where a tape may be erased. */
const FIXED_BUT_FOR_TAPES = /^(media|archive|contacts|events)\./;

/** They change nothing, so that dying behind one is dying before it. */
const READS = /^(checkpoints\.read|calls\.(ofContact|get|confirm)|tape\.(list|read)|recordings\.standing)$/;

export class CallsInHand implements PortCalls {
  /** In the order in which they were made. */
  #pending: PendingCall[] = [];
  /** What each process has been told so far: it is where that puts it. Answers that it waited for at once are told in any order. */
  readonly #positions = new Map<string, Set<string>>();
  readonly #now: () => number;
  readonly #fixed: RegExp;
  /** How often each process has called each operation. */
  readonly #counts = new Map<string, number>();
  /** When each process was answered last. */
  readonly #answeredMs = new Map<string, number>();
  /** Made since the last choice. */
  readonly #fresh = new Set<PendingCall>();
  /** On whose behalf something takes effect. */
  actor = '';

  constructor(now: () => number, mayErase: boolean) {
    this.#now = now;
    this.#fixed = mayErase ? FIXED_BUT_FOR_TAPES : FIXED;
  }

  /** The calls of processes that are alive: of those that run before of those that were put aside. */
  get pending(): readonly PendingCall[] {
    this.#pending = this.#pending.filter(({ process }) => !process.isDead);
    return this.#pending;
  }

  /** From now on, calls are made by what is chosen next. */
  choosing(): void {
    this.#fresh.clear();
  }

  /**
   * What is worth trying. Whether a process dies, or is put aside, now or at any later moment before its next call happens
   * is the same for all others, who see nothing of it before time passes: so it does at once, when the call is made. And
   * to die before a call that an answer led to is to die behind the one that was answered, or before it.
   */
  fatesOf(call: PendingCall): readonly Fate[] {
    const { process, operation, isFirst } = call;
    if (process.isFrozen) return ['happens'];
    const diesAfter: readonly Fate[] = READS.test(operation) ? [] : ['dies after'];
    if (!this.#fresh.has(call) || this.#pending.find((one) => one.process === process) !== call)
      return ['happens', ...diesAfter];
    return ['happens', ...(isFirst ? (['dies before'] as const) : []), ...diesAfter, 'is put aside'];
  }

  async call<T>(process: SimulatedProcess, operation: CallName, act: () => Promise<T>): Promise<T> {
    await process.hears();
    if (this.#fixed.test(operation)) {
      const answer = await act();
      await process.hears();
      return answer;
    }
    const nth = (this.#counts.get(`${process.name} ${operation}`) ?? 0) + 1;
    this.#counts.set(`${process.name} ${operation}`, nth);
    return new Promise<T>((resolve, reject) => {
      const happen = async (isAnswered: boolean) => {
        this.actor = process.name;
        this.#pending = this.#pending.filter((one) => one !== call);
        const [answer] = await Promise.allSettled([act()]);
        if (!isAnswered) return;
        this.#note(process, operation, nth, answer);
        if (answer.status === 'fulfilled') resolve(answer.value);
        else reject(answer.reason instanceof Error ? answer.reason : new Error(String(answer.reason)));
      };
      const isFirst = this.#answeredMs.get(process.name) !== this.#now();
      const call: PendingCall = { process, operation, isFirst, happen };
      this.#pending.push(call);
      this.#fresh.add(call);
    });
  }

  /** Tells where every process stands: the dead, wherever they died, stand nowhere. */
  positions(processes: readonly SimulatedProcess[]): string {
    return processes
      .map((process) => {
        if (process.isDead) return '-';
        const waiting = this.#pending
          .filter((call) => call.process === process)
          .map(({ operation }) => operation);
        const position = [...(this.#positions.get(process.name) ?? [])].sort().join('');
        return `${process.isFrozen ? 'aside' : ''}${position}${waiting.sort().join()}`;
      })
      .join(';');
  }

  #told(process: SimulatedProcess): Set<string> {
    const told = this.#positions.get(process.name) ?? new Set();
    this.#positions.set(process.name, told);
    return told;
  }

  /** @param nth call of that operation by the process */
  #note(
    process: SimulatedProcess,
    operation: string,
    nth: number,
    answer: PromiseSettledResult<unknown>,
  ): void {
    const told = answer.status === 'fulfilled' ? serialize(answer.value) : String(answer.reason);
    const digest = createHash('sha1').update(`${operation} ${nth} ${this.#now()} `).update(told);
    this.#told(process).add(digest.digest('base64'));
    this.#answeredMs.set(process.name, this.#now());
  }
}

export type Fate = 'happens' | 'dies before' | 'dies after' | 'is put aside';

/** @param orphan tells the workflow that it is dead */
export async function befall(
  { process, happen }: PendingCall,
  fate: Fate,
  orphan: (process: SimulatedProcess) => void,
): Promise<void> {
  if (fate === 'is put aside') {
    process.freeze();
    orphan(process);
    return;
  }
  if (fate === 'happens') process.thaw();
  if (fate !== 'dies before') await happen(fate === 'happens');
  if (fate !== 'happens') process.exit(SIGKILLED);
}
