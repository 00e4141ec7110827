/**
 * A process of the simulation: a task, or an invocation of the assembly. It lives as long as its port calls are
 * answered: killed, it never hears of anything again, so that nothing of it can act; frozen, it hears of everything
 * when it wakes up, as a zombie.
 */
export class SimulatedProcess {
  readonly name: string;
  /** The processes of one execution have one of these in common. */
  readonly executionArn: string;
  readonly #connections = new AbortController();
  #state: 'running' | 'frozen' | 'dead' = 'running';
  #waiting: (() => void)[] = [];
  readonly #onExit: (code: number) => void;
  /** It has come to the end of its program, whatever that was. */
  hasLeft = false;
  /** When it first asked the archive for its list, epoch ms. */
  listedAtMs: number | undefined;
  /** When it first asked what is on the tape, epoch ms. */
  tapeReadAtMs: number | undefined;
  /** The attempt that it claimed last. */
  attempt = 0;

  /** @param onExit told once, when it is dead. */
  constructor(name: string, executionArn: string, onExit: (code: number) => void) {
    this.name = name;
    this.executionArn = executionArn;
    this.#onExit = onExit;
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  get isFrozen(): boolean {
    return this.#state === 'frozen';
  }

  /** Aborted when it dies: its connections break. */
  get connections(): AbortSignal {
    return this.#connections.signal;
  }

  /** Resolves when it runs; never when it is dead. */
  hears(): Promise<void> {
    if (this.#state === 'running') return Promise.resolve();
    return new Promise((resolve) => {
      if (this.#state === 'frozen') this.#waiting.push(resolve);
    });
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const hear of waiting) hear();
  }

  exit(code: number): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#waiting = [];
    this.#connections.abort('dead');
    this.#onExit(code);
  }
}

export const SIGKILLED = 137;
/** A task that doesn't move for so long is ended by its watchdog. */
export const HUNG_AFTER_MS = 180_000;

/** An answer that never comes. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
