/** Ending early: Ctrl-C and the like, the first time in order, the second time at once. */

const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** npm passes a Ctrl-C on that the terminal has sent already: those two are one. */
const SAME_MS = 400;

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Of the signal that came; undefined while none has. */
  readonly exitCode: () => number | undefined;
}

/** @param onFirst says so to the user */
export function listenForSignals(onFirst: (name: string) => void): Interruption {
  const stop = new AbortController();
  let exitCode: number | undefined;
  let firstAtMs = 0;
  for (const [name, code] of Object.entries(EXIT_CODES)) {
    process.on(name, () => {
      if (exitCode === undefined) {
        exitCode = code;
        firstAtMs = Date.now();
        onFirst(name);
        stop.abort();
      } else if (Date.now() - firstAtMs > SAME_MS) process.exit(code);
    });
  }
  return { signal: stop.signal, exitCode: () => exitCode };
}
