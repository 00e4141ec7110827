/** Where a rehearsal's time goes, so that whoever waits for it knows what to shorten. */
export interface Spent {
  /** Runs it, and counts how long that took. */
  readonly on: <T>(what: string, act: () => Promise<T>) => Promise<T>;
  /** What took longest first; what took less than a second all told is left out. */
  readonly lines: () => string[];
}

/** @param now ms */
export function newSpent(now: () => number = () => performance.now()): Spent {
  const all = new Map<string, { count: number; ms: number }>();
  return {
    on: async (what, act) => {
      const beganMs = now();
      try {
        return await act();
      } finally {
        const { count, ms } = all.get(what) ?? { count: 0, ms: 0 };
        all.set(what, { count: count + 1, ms: ms + now() - beganMs });
      }
    },
    lines: () =>
      [...all]
        .filter(([, { ms }]) => ms >= 1000)
        .sort(([, a], [, b]) => b.ms - a.ms)
        .map(
          ([what, { count, ms }]) => `  ${String(Math.round(ms / 1000)).padStart(5)} s  ${count} × ${what}`,
        ),
  };
}
