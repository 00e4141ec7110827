/** Ending early: Ctrl-C and the like, the first time in order, the second time at once. */

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** npm passes a Ctrl-C on that the terminal has sent already: those two are one. */
const SAME_MS = 400;

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The exit code for the signal that came; undefined while none has. */
  readonly exitCode: () => number | undefined;
}

/** @param onFirst says so to the user */
export function listenForSignals(onFirst: (name: string) => void): Interruption {
  const stop = new AbortController();
  let exitCode: number | undefined;
  let firstAtMs = 0;
  const interrupt = (name: keyof typeof EXIT_CODES) => {
    if (exitCode === undefined) {
      exitCode = EXIT_CODES[name];
      firstAtMs = Date.now();
      onFirst(name);
      stop.abort();
    } else if (Date.now() - firstAtMs > SAME_MS) process.exit(EXIT_CODES[name]);
  };
  for (const name of SIGNALS) {
    process.on(name, () => {
      interrupt(name);
    });
  }
  if (process.env.npm_lifecycle_event !== undefined) {
    onParentsEnd(() => {
      interrupt('SIGHUP');
    });
  }
  return { signal: stop.signal, exitCode: () => exitCode };
}

const PARENT_MS = 500;

/** npm may be ended in ways that it doesn't pass on. */
function onParentsEnd(act: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, PARENT_MS);
  timer.unref();
}
