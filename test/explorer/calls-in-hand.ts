/**
 * Port calls wait here until the search lets them happen: one at a time, in any order. A process whose call is put aside
 * is a zombie: the workflow takes it for dead, and the call may still happen at any later moment.
 */
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import type { PortCalls } from '../simulation/ports.ts';
import { SIGKILLED, type SimulatedProcess } from '../simulation/process.ts';
import type { Operation } from '../simulation/scenario.ts';

export interface PendingCall {
  readonly process: SimulatedProcess;
  readonly operation: Operation | 'checkpoints.handOver';
  /** Lets it take effect, and be answered. */
  readonly happen: (isAnswered: boolean) => Promise<void>;
}

/** What nobody changes in a run, or nobody reads: such calls change nothing for anybody, whenever they happen. */
const FIXED = /^(media|archive|contacts|events)\./;

export class CallsInHand implements PortCalls {
  /** In the order in which they were made. */
  #pending: PendingCall[] = [];
  /** What each process has been told so far: it is where that puts it. */
  readonly #positions = new Map<string, string>();
  readonly #now: () => number;
  /** On whose behalf something takes effect. */
  actor = '';

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The calls of processes that are alive: of those that run before of those that were put aside. */
  get pending(): readonly PendingCall[] {
    this.#pending = this.#pending.filter(({ process }) => !process.isDead);
    return this.#pending;
  }

  async call<T>(
    process: SimulatedProcess,
    operation: PendingCall['operation'],
    act: () => Promise<T>,
  ): Promise<T> {
    await process.hears();
    if (FIXED.test(operation)) {
      const answer = await act();
      await process.hears();
      return answer;
    }
    return new Promise<T>((resolve, reject) => {
      const happen = async (isAnswered: boolean) => {
        this.actor = process.name;
        this.#pending = this.#pending.filter((one) => one !== call);
        const [answer] = await Promise.allSettled([act()]);
        if (!isAnswered) return;
        this.#note(process, operation, answer);
        if (answer.status === 'fulfilled') resolve(answer.value);
        else reject(answer.reason instanceof Error ? answer.reason : new Error(String(answer.reason)));
      };
      const call: PendingCall = { process, operation, happen };
      this.#pending.push(call);
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
        const position = this.#positions.get(process.name) ?? '';
        return `${process.isFrozen ? 'aside' : ''}${position}${waiting.join()}`;
      })
      .join(';');
  }

  #note(process: SimulatedProcess, operation: string, answer: PromiseSettledResult<unknown>): void {
    const told = answer.status === 'fulfilled' ? serialize(answer.value) : String(answer.reason);
    const digest = createHash('sha1')
      .update(this.#positions.get(process.name) ?? '')
      .update(`${operation} ${this.#now()} `)
      .update(told);
    this.#positions.set(process.name, digest.digest('base64'));
  }
}

export type Fate = 'happens' | 'dies before' | 'dies after' | 'is put aside';
export const FATES = ['happens', 'dies before', 'dies after', 'is put aside'] as const;

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
